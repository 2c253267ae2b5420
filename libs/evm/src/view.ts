import type { Block } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { Abi, ArgumentsOf, FunctionName, ReturnOf } from './contract/abi-types.ts';
import type { Contract } from './contract/contract.ts';
import { refusedByNode } from './faults.ts';
import { refusalOf } from './refusals.ts';
import type { EvmNode } from './rpc/node.ts';
import { RpcError } from './rpc/rpc.ts';

/** Gas of a call: a preview asks the policy, which may use up to 11 million. */
const callGas = 2n ** 24n;

/** The state of all contracts after one block: what is read through it belongs together. */
export class View {
  readonly at: Block;
  readonly #node: EvmNode;

  private constructor(node: EvmNode, at: Block) {
    this.#node = node;
    this.at = at;
  }

  static ofNewest(node: EvmNode): Promise<View> {
    return View.after(node, 'latest');
  }

  static async after(node: EvmNode, block: number | 'latest'): Promise<View> {
    const at = await node.block(block);
    if (at === null) throw new RangeError(`there is no block ${block} yet`);
    return new View(node, at);
  }

  /** The view functions of a contract, by name. A refusal is thrown as {@link ViewRefused}. */
  of<A extends Abi>(contract: Contract<A>, to: ActorId) {
    return async <Name extends FunctionName<A>>(
      name: Name,
      ...values: ArgumentsOf<A, Name>
    ): Promise<ReturnOf<A, Name>> => {
      const call = { to, data: contract.encode(name, values), gas: callGas };
      try {
        return contract.decode(name, await this.#node.call(call, { hash: this.at.hash }));
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        if (error.revertData === null) throw refusedByNode(to, error);
        throw new ViewRefused(refusalOf(name, error.revertData, error));
      }
    };
  }
}

/** Carries a refusal out of a reading; whoever reads turns it into a value. */
export class ViewRefused extends Error {
  override readonly name = 'ViewRefused';
  readonly refusal: ReturnType<typeof refusalOf>;

  constructor(refusal: ReturnType<typeof refusalOf>) {
    super(refusal.name);
    this.refusal = refusal;
  }
}

import { createConnection } from 'node:net';
import { z } from 'zod';

/** What a server says of itself to whoever connects, before anything else, and before TLS. */
const greetingForm = z.object({
  version: z.string(),
  tls_required: z.boolean().default(false),
  tls_verify: z.boolean().default(false),
});

export type Greeting = z.output<typeof greetingForm>;

const longestBytes = 16_384;

/** The greeting of the first of the servers that has one; null if none answers in time. @param servers `host:port`, or URLs. */
export async function greetingOf(servers: readonly string[], withinMs: number): Promise<Greeting | null> {
  for (const server of servers) {
    const greeting = await greetingAt(server, withinMs);
    if (greeting !== null) return greeting;
  }
  return null;
}

const defaultPort = 4222;

/** Host and port of `host:port`, or of a URL. */
export function hostOf(server: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(server.includes('://') ? server : `nats://${server}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || defaultPort };
}

function greetingAt(server: string, withinMs: number): Promise<Greeting | null> {
  return new Promise((resolve) => {
    const socket = createConnection(hostOf(server));
    const end = (greeting: Greeting | null): void => {
      socket.destroy();
      resolve(greeting);
    };
    let said = '';
    socket.setTimeout(withinMs, () => {
      end(null);
    });
    socket.once('error', () => {
      end(null);
    });
    socket.on('data', (bytes) => {
      said += bytes.toString('latin1');
      const line = /^INFO (.*)\r\n/.exec(said)?.[1];
      if (line !== undefined) end(parsed(line));
      else if (said.length > longestBytes) end(null);
    });
    socket.once('close', () => {
      resolve(null);
    });
  });
}

function parsed(line: string): Greeting | null {
  try {
    return greetingForm.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * A persistent map from strings, ordered by key: `put` and `drop` share all but O(log n) nodes with the table they
 * start from, so an input costs the same at ten Trainers and at ten thousand, and every older state stays what it was.
 *
 * A weight-balanced tree (Adams 1993, with the constants 3 and 2 of Hirai and Yamamoto 2011). Unlike a hash trie it is
 * iterated in one order everywhere, which is what lineups and committees need.
 */
export type Table<V> = Node<V> | null;

interface Node<V> {
  readonly key: string;
  readonly value: V;
  readonly size: number;
  readonly left: Table<V>;
  readonly right: Table<V>;
}

export function sizeOf(table: Table<unknown>): number {
  return table === null ? 0 : table.size;
}

export function find<V>(table: Table<V>, key: string): V | undefined {
  let at = table;
  while (at !== null && at.key !== key) at = key < at.key ? at.left : at.right;
  return at?.value;
}

/** The table with `value` at `key`; the very same table if that value is there already. */
export function put<V>(table: Table<V>, key: string, value: V): Table<V> {
  if (table === null) return { key, value, size: 1, left: null, right: null };
  if (key === table.key) return table.value === value ? table : { ...table, value };
  if (key < table.key) {
    const left = put(table.left, key, value);
    return left === table.left ? table : balance(table.key, table.value, left, table.right);
  }
  const right = put(table.right, key, value);
  return right === table.right ? table : balance(table.key, table.value, table.left, right);
}

/** The table without `key`; the very same table if the key is not there. */
export function drop<V>(table: Table<V>, key: string): Table<V> {
  if (table === null) return null;
  if (key === table.key) return join(table.left, table.right);
  if (key < table.key) {
    const left = drop(table.left, key);
    return left === table.left ? table : balance(table.key, table.value, left, table.right);
  }
  const right = drop(table.right, key);
  return right === table.right ? table : balance(table.key, table.value, table.left, right);
}

/** Every value through `change`, keys untouched; shares all subtrees in which nothing changed. */
export function mapValues<V>(table: Table<V>, change: (value: V, key: string) => V): Table<V> {
  if (table === null) return null;
  const left = mapValues(table.left, change);
  const value = change(table.value, table.key);
  const right = mapValues(table.right, change);
  if (left === table.left && right === table.right && value === table.value) return table;
  return { key: table.key, value, size: table.size, left, right };
}

/** Values in the order of their keys. */
export function valuesOf<V>(table: Table<V>): V[] {
  return entriesOf(table).map(([, value]) => value);
}

/** Keys and values in the order of the keys. */
export function entriesOf<V>(table: Table<V>): (readonly [string, V])[] {
  const entries: (readonly [string, V])[] = [];
  const visit = (node: Table<V>): void => {
    if (node === null) return;
    visit(node.left);
    entries.push([node.key, node.value]);
    visit(node.right);
  };
  visit(table);
  return entries;
}

export function tableOf<V>(entries: Iterable<readonly [string, V]>): Table<V> {
  let table: Table<V> = null;
  for (const [key, value] of entries) table = put(table, key, value);
  return table;
}

function node<V>(key: string, value: V, left: Table<V>, right: Table<V>): Node<V> {
  return { key, value, size: sizeOf(left) + sizeOf(right) + 1, left, right };
}

const weight = (table: Table<unknown>) => sizeOf(table) + 1;

/** A node whose sides differ by at most one insertion or removal from balance, balanced. */
function balance<V>(key: string, value: V, left: Table<V>, right: Table<V>): Node<V> {
  if (right !== null && weight(right) > 3 * weight(left)) {
    if (right.left === null || weight(right.left) < 2 * weight(right.right)) {
      return node(right.key, right.value, node(key, value, left, right.left), right.right);
    }
    const { left: inner } = right;
    return node(
      inner.key,
      inner.value,
      node(key, value, left, inner.left),
      node(right.key, right.value, inner.right, right.right),
    );
  }
  if (left !== null && weight(left) > 3 * weight(right)) {
    if (left.right === null || weight(left.right) < 2 * weight(left.left)) {
      return node(left.key, left.value, left.left, node(key, value, left.right, right));
    }
    const { right: inner } = left;
    return node(
      inner.key,
      inner.value,
      node(left.key, left.value, left.left, inner.left),
      node(key, value, inner.right, right),
    );
  }
  return node(key, value, left, right);
}

/** Both tables in one; every key of `left` is below every key of `right`. */
function join<V>(left: Table<V>, right: Table<V>): Table<V> {
  if (left === null) return right;
  if (right === null) return left;
  let first: Node<V> = right;
  while (first.left !== null) first = first.left;
  return balance(first.key, first.value, left, drop(right, first.key));
}

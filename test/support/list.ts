/** Everything that an iterable gives, in order. */
export async function listAsync<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of source) list.push(item);
  return list;
}

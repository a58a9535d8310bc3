import type { SandboxProvider } from "../../../src/ports/sandbox.ts";

/** A provider, and what was seen of its sandboxes. */
export interface CountedProvider {
  readonly provider: SandboxProvider;
  /** Memory that each was asked to have, in mebibytes. */
  readonly sizes: readonly number[];
  /** How many stood at a time, at most. */
  most(): number;
}

export function countStanding(inner: SandboxProvider): CountedProvider {
  const standing = new Set<string>();
  const sizes: number[] = [];
  let most = 0;
  const provider: SandboxProvider = {
    ...inner,
    async create(spec) {
      sizes.push(spec.memoryMib);
      const sandbox = await inner.create(spec);
      standing.add(sandbox.id);
      most = Math.max(most, standing.size);
      const dispose = async (): Promise<void> => {
        standing.delete(sandbox.id);
        await sandbox[Symbol.asyncDispose]();
      };
      return { ...sandbox, [Symbol.asyncDispose]: dispose };
    },
  };
  return { provider, sizes, most: () => most };
}

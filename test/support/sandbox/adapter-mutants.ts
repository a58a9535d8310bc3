import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");

/** One place of an adapter, and what stands there instead. */
export interface Mutation {
  /** Below `src/adapters/sandbox/<adapter>/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A safeguard taken out of an adapter, and the finding that has to come of it. */
export interface Mutant extends Mutation {
  readonly name: string;
  readonly finding: RegExp;
}

/** Copies of today's sources, each with one place of one adapter changed. */
export interface Mutants<Provider> extends AsyncDisposable {
  /** The copy's modules as one; without a mutation, as it is. */
  load(name: string, mutation?: Mutation): Promise<Provider>;
}

/** `adapter`: a folder of `src/adapters/sandbox/`. */
export async function openMutants<Provider>(adapter: string, modules: readonly string[] = ["provider.ts"]): Promise<Mutants<Provider>> {
  const cache = join(ROOT, "node_modules/.cache/airlock");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "mutants-"));
  return {
    async load(name, mutation) {
      const copy = join(folder, name.replaceAll(" ", "-"));
      for (const part of ["adapters/programs", "adapters/sandbox", "domain", "ports", "wire"])
        await cp(join(ROOT, "src", part), join(copy, "src", part), { recursive: true });
      await writeFile(join(copy, "package.json"), '{"type":"module"}');
      const place = join(copy, "src/adapters/sandbox", adapter);
      if (mutation !== undefined) await mutate(join(place, mutation.file), mutation);
      const loaded = await Promise.all(modules.map((module) => import(pathToFileURL(join(place, module)).href) as Promise<object>));
      return Object.assign({}, ...loaded) as Provider;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function mutate(path: string, { file, from, to }: Mutation): Promise<void> {
  const source = await readFile(path, "utf8");
  expect(source.split(from), `${file} holds the place once`).toHaveLength(2);
  await writeFile(path, source.replace(from, to));
}

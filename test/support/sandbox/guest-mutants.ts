import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");

/** One place of the guest program, and what stands there instead. */
export interface GuestMutation {
  /** Below `src/guest/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Copies of today's guest program, each with some places changed. */
export interface GuestMutants extends AsyncDisposable {
  /** The copy's folder, laid out as the repository is; without mutations, as it is. */
  copy(name: string, ...mutations: readonly GuestMutation[]): Promise<string>;
}

export async function openGuestMutants(): Promise<GuestMutants> {
  const cache = join(ROOT, "node_modules/.cache/airlock");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "guest-mutants-"));
  return {
    async copy(name, ...mutations) {
      const place = join(folder, name.replaceAll(" ", "-"));
      for (const part of ["package.json", "src/guest", "src/wire"]) await cp(join(ROOT, part), join(place, part), { recursive: true });
      for (const mutation of mutations) await mutate(join(place, "src/guest", mutation.file), mutation);
      return place;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function mutate(path: string, { file, from, to }: GuestMutation): Promise<void> {
  const source = await readFile(path, "utf8");
  expect(source.split(from), `${file} holds the place once`).toHaveLength(2);
  await writeFile(
    path,
    source.replace(from, () => to),
  );
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGitRepositories } from "../../../src/adapters/repository/git.ts";
import type { Patch, Verdict } from "../../../src/domain/patch.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { GateSettings } from "../../../src/domain/settings.ts";
import type { Repository } from "../../../src/ports/repository.ts";
import type { HarvestEntry } from "../../../src/ports/sandbox.ts";
import { gate } from "../../../src/stages/gate/gate.ts";
import { makeWorkTree, streamOf, type TreeSpec, type WorkTree } from "./work-tree.ts";

export const GATE_SETTINGS: GateSettings = {
  allowedPaths: [],
  protectedPaths: [],
  maxFiles: 100,
  maxPatchBytes: 1024 * 1024,
  onProtected: "refuse",
};

const LIMITS = { maxFiles: 20_000, maxBytes: 256 * 1024 * 1024 };

/** Airlock's own bare repository with a base fetched into it, beside the work tree that it came from. */
export interface Bench extends AsyncDisposable {
  readonly work: WorkTree;
  readonly repository: Repository;
  readonly base: string;
  /** Where the bare repository lives: a fresh directory with nothing else in it. */
  readonly parent: string;
  readonly noToken: Secret;
  /** Against `base`, unless another fetched commit is given. */
  readPatch(
    entries: Iterable<HarvestEntry>,
    limits?: { readonly maxFiles: number; readonly maxBytes: number },
    commit?: string,
  ): Promise<Patch>;
  /** Writes and removes files in the work tree and reads the result as a patch. `null` removes. */
  edit(changes: Readonly<Record<string, TreeSpec[string] | null>>): Promise<Patch>;
  judge(patch: Patch, options?: JudgeOptions): Promise<Verdict>;
}

export interface JudgeOptions {
  readonly settings?: Partial<GateSettings>;
  readonly secrets?: readonly string[];
  readonly texts?: Readonly<Record<string, string>>;
}

export async function openBench(files: TreeSpec): Promise<Bench> {
  const work = makeWorkTree(files);
  const parent = mkdtempSync(join(tmpdir(), "airlock-bare-"));
  const base = work.commit("base");
  const repository = await openGitRepositories({ temporaryDirectory: parent, allowFileRemotes: true }).open();
  await repository.fetch({ url: work.url, token: new Secret("") }, [base]);
  const readPatch: Bench["readPatch"] = (entries, limits = LIMITS, commit = base) =>
    repository.readPatch(commit, streamOf(entries), limits);
  return {
    work,
    repository,
    base,
    parent,
    noToken: new Secret(""),
    readPatch,
    edit: async (changes) => {
      for (const [path, spec] of Object.entries(changes)) if (spec === null) work.remove(path);
      for (const [path, spec] of Object.entries(changes)) if (spec !== null) work.write({ [path]: spec });
      return await readPatch(work.entries(base));
    },
    judge: (patch, { settings, secrets = [], texts = {} } = {}) =>
      gate({
        patch,
        repository,
        settings: { ...GATE_SETTINGS, ...settings },
        secrets: secrets.map((value, index) => new Secret(value, `secret-${index}`)),
        texts,
      }),
    async [Symbol.asyncDispose]() {
      await repository[Symbol.asyncDispose]();
      work[Symbol.dispose]();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

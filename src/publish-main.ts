import { createHash } from "node:crypto";
import { createReadStream, lstatSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { openGithubForge } from "./adapters/forge/github.ts";
import { openGitRepositories } from "./adapters/repository/git.ts";
import { openBareRunner, openRunner, readInput } from "./adapters/runner/actions.ts";
import { secretsOf } from "./config/credentials.ts";
import { findDeclaredValues } from "./config/declared.ts";
import { loadConfig } from "./config/load.ts";
import { parseRecordedRun } from "./config/recorded-run.ts";
import { listSecretNames, MAX_CONFIG_BYTES, narrowPublishing } from "./config/repository.ts";
import { AirlockError } from "./domain/errors.ts";
import type { Outcome } from "./domain/outcome.ts";
import type { RunResult } from "./domain/record/result.ts";
import type { Secret } from "./domain/secret.ts";
import type { Forge } from "./ports/forge.ts";
import type { Runner } from "./ports/runner.ts";
import { republish } from "./runs/publish-artifact.ts";
import { endUnbegun, type Known, openStep, type Step } from "./runs/step.ts";

const MAX_RECORD_BYTES = 16 << 20;
const MAX_PATCH_BYTES = 512 << 20;

await main();

async function main(): Promise<void> {
  const step = openStep(begin());
  const known: Learnt = { forge: undefined, target: undefined, secrets: [] };
  let result: RunResult;
  try {
    result = { outcome: await publishArtifact(step, known) };
  } catch (failure) {
    result = { failure };
  }
  step.end(await step.report(result, known));
}

function begin(): Runner {
  try {
    return openRunner("main");
  } catch (failure) {
    return endUnbegun(openBareRunner(), failure);
  }
}

/** What is known so far; told to the report whatever happens. */
type Learnt = { -readonly [Key in keyof Known]: Known[Key] };

async function publishArtifact({ runner, record }: Step, known: Learnt): Promise<Outcome> {
  const config = loadConfig(readInput);
  learnSecrets(runner, known, secretsOf(config));
  const forge = openGithubForge({
    repository: runner.run.repository,
    token: config.credentials["github-token"],
    notify: (line) => runner.log.info(line),
  });
  known.forge = forge;
  const path = config.configPath;
  const source = await readTrusted(forge, path);
  const declared = findDeclaredValues(listSecretNames(source, path), process.env);
  learnSecrets(runner, known, declared.values);
  if (declared.missing.length > 0) runner.log.notice(missingValuesNotice(declared.missing, path));
  record.note("declaredSecrets", { searched: declared.values.map(({ name }) => name), unsearched: declared.missing });
  const directory = locate(runner);
  const recorded = parseRecordedRun((await read(directory, "record.json", MAX_RECORD_BYTES)).toString("utf8"), runner.run.repository);
  known.target = recorded.task.target;
  for (const [key, facts] of Object.entries(recorded.notes)) record.note(key, facts ?? {});
  if (recorded.patchSha256 !== undefined) await requirePatch(directory, recorded.patchSha256);
  const settings = narrowPublishing({ settings: config.settings, trigger: recorded.task.trigger, source, path });
  await using repository = await openGitRepositories({ temporaryDirectory: runner.directory }).open();
  return await republish({
    recorded,
    patchFile: join(directory, "patch.diff"),
    forge,
    repository,
    settings,
    secrets: known.secrets,
    run: runner.run,
    record,
  });
}

/** Masked, searched for in whatever leaves, and never sent anywhere. */
function learnSecrets(runner: Runner, known: Learnt, secrets: readonly Secret[]): void {
  for (const secret of secrets) runner.mask(secret.reveal());
  known.secrets = [...known.secrets, ...secrets];
}

/** The settings file as it stands on the default branch, which no artifact can change (I11). */
async function readTrusted(forge: Forge, path: string): Promise<string | undefined> {
  const { defaultBranch } = await forge.readRepository();
  return await forge.readFile(defaultBranch, path, MAX_CONFIG_BYTES);
}

function missingValuesNotice(names: readonly string[], path: string): string {
  const lines = names.map((name) => `${name}: \${{ secrets.${name} }}`).join(", ");
  return `${path} declares secrets that this step has no value of, so nothing was searched for them here; the agent's job did that. To have it done twice, add below the env of this step: ${lines}`;
}

function locate(runner: Runner): string {
  const given = readInput("directory");
  const directory = resolve(given);
  if (given !== "" && directory !== runner.directory && !directory.startsWith(runner.directory + sep)) return directory;
  throw new AirlockError("input.invalid", {
    message:
      given === ""
        ? "Input `directory` is empty."
        : `Input \`directory\` is inside ${runner.directory}, which is emptied at the start of every run.`,
    remedy: "Download the artifact with actions/download-artifact into a folder of its own, and name that folder.",
  });
}

async function requirePatch(directory: string, sha256: string): Promise<void> {
  const bytes = await read(directory, "patch.diff", MAX_PATCH_BYTES);
  if (createHash("sha256").update(bytes).digest("hex") === sha256) return;
  throw new AirlockError("gate.mismatch", {
    message: "patch.diff is not the file that record.json names.",
    remedy: "Run both jobs again; something between them changed the artifact.",
  });
}

/** A regular file, never a link, and no more of it than allowed. */
async function read(directory: string, name: string, maxBytes: number): Promise<Buffer> {
  const path = join(directory, name);
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts?.isFile() !== true || facts.size > maxBytes) {
    throw new AirlockError("input.invalid", {
      message: `${name} is not in \`directory\`, or is no file of at most ${maxBytes} bytes.`,
      remedy: "Give `directory` the folder with the downloaded artifact of a run with `publish: patch`.",
    });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: maxBytes })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

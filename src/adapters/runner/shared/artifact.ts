import { randomBytes } from "node:crypto";
import { AirlockError, messageOf } from "../../../domain/errors.ts";
import type { RunnerLog } from "../../../ports/runner.ts";

interface Upload {
  readonly name: string;
  readonly files: readonly string[];
  /** All files are below it; paths in the artifact are relative to it. */
  readonly directory: string;
  readonly log: RunnerLog;
}

/**
 * Uploads through the runner's artifact service, if it has one. If the name is taken (by another job of the same run), it is tried again
 * with a suffix. The service distinguishes a taken name from other refusals only by its message.
 * @throws AirlockError `publish.failed`
 */
export async function uploadArtifact(upload: Upload): Promise<{ readonly id: number } | undefined> {
  if (!process.env.ACTIONS_RUNTIME_TOKEN || !process.env.ACTIONS_RESULTS_URL || upload.files.length === 0) return undefined;
  const { DefaultArtifactClient, GHESNotSupportedError } = await import("@actions/artifact");
  const client = new DefaultArtifactClient();
  const put = async (name: string): Promise<number | undefined> =>
    (await client.uploadArtifact(name, [...upload.files], upload.directory)).id;
  try {
    return known(await put(upload.name));
  } catch (first) {
    if (first instanceof GHESNotSupportedError) return undefined;
    const name = `${upload.name}-${randomBytes(3).toString("hex")}`;
    upload.log.info(`The artifact ${upload.name} was not accepted; trying ${name}.`);
    return known(await put(name).catch((second: unknown) => Promise.reject(failed(upload.name, second))));
  }
}

function known(id: number | undefined): { readonly id: number } {
  return { id: id ?? 0 };
}

function failed(name: string, cause: unknown): AirlockError {
  const reason = messageOf(cause);
  return new AirlockError("publish.failed", {
    message: `The artifact \`${name}\` could not be uploaded: ${reason}`,
    remedy: "Run the job again; when it happens again, look at the status page of GitHub and at the storage quota of the account.",
    cause,
  });
}

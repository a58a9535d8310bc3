import { AirlockError } from "../../../domain/errors.ts";
import type { Client } from "./client.ts";
import { type Purpose, statusOf } from "./explain.ts";
import { encodeRef, readBranch } from "./read.ts";
import * as shapes from "./shapes.ts";

/** Creates or moves a branch; if it already points to `sha`, nothing is done. */
export async function putBranch(client: Client, name: string, sha: string): Promise<"created" | "updated" | "unchanged"> {
  const current = await readBranch(client, name);
  if (current === sha) return "unchanged";
  if (current !== undefined) {
    await move(client, { name, sha, force: true });
    return "updated";
  }
  const { value } = await client.createOnce({
    find: async () => {
      const found = await readBranch(client, name);
      return found === undefined ? undefined : { ref: `refs/heads/${name}`, object: { sha: found } };
    },
    create: {
      route: "POST /repos/{owner}/{repo}/git/refs",
      parameters: { ref: `refs/heads/${name}`, sha },
      shape: shapes.reference,
      purpose: writing(name),
    },
  });
  if (value.object.sha !== sha) await move(client, { name, sha, force: true });
  return "created";
}

/** Moves somebody else's branch forward from `expected`, or not at all. */
export async function advanceBranch(
  client: Client,
  name: string,
  move_: { readonly sha: string; readonly expected: string },
): Promise<"updated" | "unchanged"> {
  const current = await readBranch(client, name);
  if (current === move_.sha) return "unchanged";
  if (current !== move_.expected) throw moved(name, `it is at ${current ?? "no commit"} now, and was at ${move_.expected}`);
  try {
    await move(client, { name, sha: move_.sha, force: false });
  } catch (error) {
    if (error instanceof AirlockError && statusOf(error.cause) === 422) throw moved(name, "GitHub refused to move it forward", error);
    throw error;
  }
  return "updated";
}

export async function deleteBranch(client: Client, name: string): Promise<void> {
  if ((await readBranch(client, name)) === undefined) return;
  await client.find({
    route: "DELETE /repos/{owner}/{repo}/git/refs/{+ref}",
    parameters: { ref: `heads/${encodeRef(name)}` },
    shape: shapes.anything,
    purpose: writing(name),
  });
}

async function move(client: Client, to: { readonly name: string; readonly sha: string; readonly force: boolean }): Promise<void> {
  const parameters = { ref: `heads/${encodeRef(to.name)}`, sha: to.sha, force: to.force };
  await client.call({
    route: "PATCH /repos/{owner}/{repo}/git/refs/{+ref}",
    parameters,
    shape: shapes.reference,
    purpose: writing(to.name),
  });
}

function moved(name: string, how: string, cause?: unknown): AirlockError {
  return new AirlockError("publish.conflict", {
    message: `The branch ${name} moved on while Airlock worked: ${how}.`,
    remedy: "Start the run again; it begins at the branch's new head.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function writing(name: string): Purpose {
  return {
    doing: `write the branch ${name}`,
    permission: "contents: write",
    setting:
      "let the token write this branch (rulesets and branch protection; a patch to `.github/workflows` needs an app or personal token with `workflows: write`)",
  };
}

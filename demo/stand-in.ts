import { createEmulator } from "emulate";
import { readBlob, type Target } from "./target.ts";

/** A GitHub API on loopback that Airlock's authors did not write (npm emulate), filled with the target. */
export interface StandIn {
  readonly url: string;
  readonly owner: string;
  readonly name: string;
  readonly token: string;
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export interface StandInOptions {
  readonly owner: string;
  readonly name: string;
  /** Logins without write permission. */
  readonly strangers: readonly string[];
  readonly port: number;
}

const TOKEN = "ghs_demoTokenOfTheStandIn00000000000000";

export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { owner, name } = options;
  const users = [owner, ...options.strangers].map((login) => ({ login }));
  const emulator = await createEmulator({
    service: "github",
    port: options.port,
    seed: { github: { users, repos: [{ owner, name, auto_init: false }] }, tokens: { [TOKEN]: { login: owner, scopes: ["repo"] } } },
  });
  const url = emulator.url.replace("localhost", "127.0.0.1");
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", accept: "application/vnd.github+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return { url, owner, name, token: TOKEN, call, close: () => emulator.close() };
}

/** Copies the target's only commit into the stand-in; both sides then agree on every object id. */
export async function mirrorTarget(standIn: StandIn, target: Target): Promise<void> {
  const repo = `/repos/${standIn.owner}/${standIn.name}`;
  const blobs = target.files.filter((file) => file.type === "blob");
  for (const batch of chunk(blobs, 16)) {
    await Promise.all(
      batch.map(async (file) => {
        const content = (await readBlob(target.bare, file.oid)).toString("base64");
        await standIn.call("POST", `${repo}/git/blobs`, { content, encoding: "base64" });
      }),
    );
  }
  const tree = target.files.map(({ path, mode, type, oid }) => ({ path, mode, type, sha: oid }));
  await standIn.call("POST", `${repo}/git/trees`, { tree });
  const created = (await standIn.call("POST", `${repo}/git/commits`, {
    message: target.message,
    tree: target.tree,
    parents: [],
    author: target.author,
    committer: target.author,
  })) as { sha: string };
  if (created.sha !== target.commit) throw new Error(`The stand-in's commit ${created.sha} is not ${target.commit}.`);
  await standIn.call("POST", `${repo}/git/refs`, { ref: "refs/heads/main", sha: target.commit });
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

import { createEmulator } from "emulate";
import { readBlob, type Snapshot, type Target, type TargetFile } from "./target.ts";

/** A GitHub API on loopback that Airlock's authors did not write (npm emulate), filled with the target. */
export interface StandIn {
  readonly url: string;
  readonly owner: string;
  readonly name: string;
  /** Of the owner. */
  readonly token: string;
  /** As the owner, or as another account of the stand-in. A whole URL asks another server that takes its tokens. */
  call(method: string, path: string, body?: unknown, login?: string): Promise<unknown>;
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
  const { owner, name, strangers } = options;
  const tokens = new Map([owner, ...strangers].map((login) => [login, login === owner ? TOKEN : `ghp_demoTokenOf${login}`]));
  const emulator = await createEmulator({
    service: "github",
    port: options.port,
    seed: {
      github: { users: [...tokens.keys()].map((login) => ({ login })), repos: [{ owner, name, auto_init: false }] },
      tokens: Object.fromEntries([...tokens].map(([login, token]) => [token, { login, scopes: ["repo"] }])),
    },
  });
  const url = emulator.url.replace("localhost", "127.0.0.1");
  const call: StandIn["call"] = async (method, path, body, login = owner) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${tokens.get(login) ?? "none"}`,
        "content-type": "application/json",
        accept: "application/vnd.github+json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return { url, owner, name, token: TOKEN, call, close: () => emulator.close() };
}

/** Copies the target's commit on `main` into the stand-in; both sides then agree on every object id. */
export async function mirrorTarget(standIn: StandIn, target: Target): Promise<void> {
  const repo = `/repos/${standIn.owner}/${standIn.name}`;
  await mirrorSnapshot(standIn, { repo, bare: target.bare, snapshot: target });
  await standIn.call("POST", `${repo}/git/refs`, { ref: "refs/heads/main", sha: target.commit });
}

export interface MirrorOptions {
  /** `/repos/owner/name` */
  readonly repo: string;
  readonly bare: string;
  readonly snapshot: Snapshot;
  /** Files that are there already. */
  readonly known?: readonly TargetFile[];
  /** Default: the owner. */
  readonly login?: string;
}

/** Copies a commit without a ref. */
export async function mirrorSnapshot(standIn: StandIn, { repo, bare, snapshot, known = [], login }: MirrorOptions): Promise<void> {
  const there = new Set(known.map(({ oid }) => oid));
  const blobs = snapshot.files.filter((file) => file.type === "blob" && !there.has(file.oid));
  for (const batch of chunk(blobs, 16)) {
    await Promise.all(
      batch.map(async (file) => {
        const content = (await readBlob(bare, file.oid)).toString("base64");
        await standIn.call("POST", `${repo}/git/blobs`, { content, encoding: "base64" }, login);
      }),
    );
  }
  const tree = snapshot.files.map(({ path, mode, type, oid }) => ({ path, mode, type, sha: oid }));
  await standIn.call("POST", `${repo}/git/trees`, { tree }, login);
  const { message, parents, author } = snapshot;
  const commit = { message, tree: snapshot.tree, parents, author, committer: author };
  const created = (await standIn.call("POST", `${repo}/git/commits`, commit, login)) as { sha: string };
  if (created.sha !== snapshot.commit) throw new Error(`The stand-in's commit ${created.sha} is not ${snapshot.commit}.`);
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

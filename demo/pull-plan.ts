import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { guessName } from "./event.ts";
import type { DemoOptions } from "./options.ts";
import { readHeadMessage } from "./target.ts";

type Json = Record<string, unknown>;

/** The pull request that the demo opens before the event is sent. */
export interface PullPlan {
  readonly eventName: string;
  /** Of a file; undefined: the demo makes its own. */
  readonly payload: Json | undefined;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly labels: readonly string[];
  readonly headRef: string;
  /** Its head lives in the author's fork. */
  readonly fromFork: boolean;
  /** Logins that the event names, and whether they may write. */
  readonly people: ReadonlyMap<string, boolean>;
}

/** The stand-in counts from 1; a pull request of a higher number becomes its first one. */
const MAX_NUMBER = 1000;
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/;
const REF = /^[A-Za-z0-9][\w./-]{0,99}$/;
const HEAD_REF = "last-readings";
const WRITERS = ["OWNER", "MEMBER", "COLLABORATOR"];

/** Undefined: the event is not about a pull request. */
export async function planPull(options: DemoOptions, owner: string): Promise<PullPlan | undefined> {
  if (options.event !== undefined) {
    const payload = JSON.parse(await readFile(options.event, "utf8")) as Json;
    return planFromPayload(payload, options.eventName ?? guessName(payload), owner);
  }
  if (!options.review) return undefined;
  const own = join(import.meta.dirname, "review", "pull-request.md");
  const text = options.repo === undefined ? await readFile(own, "utf8") : await readHeadMessage(options.repo);
  const [title = "", ...rest] = text.split("\n");
  return {
    eventName: "pull_request_target",
    payload: undefined,
    number: 1,
    title: title.trim() || "Untitled",
    body: rest.join("\n").trim(),
    author: "stranger",
    labels: ["airlock"],
    headRef: HEAD_REF,
    fromFork: true,
    people: new Map([["stranger", false]]),
  };
}

function planFromPayload(payload: Json, eventName: string, owner: string): PullPlan | undefined {
  const issue = objectAt(payload, "issue");
  const pull = "pull_request" in payload ? objectAt(payload, "pull_request") : issue;
  if (pull === issue && !("pull_request" in issue)) return undefined;
  const given = Number(pull["number"]);
  const author = loginAt(pull, "user") ?? owner;
  return {
    eventName,
    payload,
    number: Number.isInteger(given) && given >= 1 && given <= MAX_NUMBER ? given : 1,
    title: textAt(pull, "title") || "Untitled",
    body: textAt(pull, "body"),
    author,
    labels: listLabels(payload, pull),
    headRef: headRefOf(pull),
    fromFork: author !== owner && isFromFork(payload, pull),
    people: listPeople(payload, pull, author),
  };
}

/** Those it has, and the one that the event says was just put on it. */
function listLabels(payload: Json, pull: Json): readonly string[] {
  const added = payload["action"] === "labeled" ? [objectAt(payload, "label")] : [];
  const names = [...listAt(pull, "labels"), ...added].map((label) => textAt(label, "name"));
  return [...new Set(names)].filter((name) => name !== "");
}

function headRefOf(pull: Json): string {
  const ref = textAt(objectAt(pull, "head"), "ref");
  return REF.test(ref) && ref !== "main" ? ref : HEAD_REF;
}

/** A comment's payload does not tell: those whom the repository does not know work in forks. */
function isFromFork(payload: Json, pull: Json): boolean {
  if ("head" in pull) return objectAt(objectAt(pull, "head"), "repo")["id"] !== objectAt(payload, "repository")["id"];
  return !WRITERS.includes(textAt(pull, "author_association"));
}

/** The payload says what people are to the repository; whoever it says nothing about may not write. */
function listPeople(payload: Json, pull: Json, author: string): ReadonlyMap<string, boolean> {
  const owner = loginAt(objectAt(payload, "repository"), "owner");
  const people = new Map([[author, author === owner || WRITERS.includes(textAt(pull, "author_association"))]]);
  for (const said of [objectAt(payload, "comment"), objectAt(payload, "review")]) {
    const login = loginAt(said, "user");
    if (login !== undefined) people.set(login, people.get(login) === true || WRITERS.includes(textAt(said, "author_association")));
  }
  const sender = loginAt(payload, "sender");
  if (sender !== undefined) people.set(sender, people.get(sender) === true || sender === owner);
  return people;
}

export function objectAt(fields: Json, name: string): Json {
  const value = fields[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listAt(fields: Json, name: string): readonly Json[] {
  return Array.isArray(fields[name]) ? (fields[name] as Json[]) : [];
}

function textAt(fields: Json, name: string): string {
  return typeof fields[name] === "string" ? fields[name] : "";
}

export function loginAt(fields: Json, name: string): string | undefined {
  const login = textAt(objectAt(fields, name), "login");
  return LOGIN.test(login) ? login : undefined;
}

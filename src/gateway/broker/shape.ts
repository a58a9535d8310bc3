import type { ModelTool } from "../../domain/model-tools.ts";
import type { Reason } from "../http/refusal.ts";

/** What may stand at one place of a request. What no entry names may not stand there. */
export interface Shape {
  /** What a string, number or boolean here is. */
  readonly scalar?: Scalar;
  /** What each element of a list here is. */
  readonly items?: Shape;
  /** Fields of an object here. */
  readonly fields?: ShapeFields;
  /** Shapes of an object here by the value of its field `type`; an object without it has `fields`. */
  readonly types?: Readonly<Record<string, Shape>>;
  /** Any JSON, which only the model reads: arguments of tools, schemas. */
  readonly free?: true;
  /** Known, and never carried. */
  readonly refused?: RefusedAs;
  /** The service does something by itself when this stands here. */
  readonly hosted?: HostedTool;
}

/** `address`: only data as a `data:` URL. `model`: a model that has to be on the run's list. */
export type Scalar = "plain" | "address" | "model";

export interface ShapeFields {
  readonly [name: string]: Shape;
}

export interface RefusedAs {
  readonly reason: Reason;
  /** What it would do, and what to do instead: our own words. */
  readonly words: string;
}

/** A tool that the model's service runs. */
export interface HostedTool {
  /** Its line of the input `model-tools`. */
  readonly word: ModelTool;
  /** Fields that lead to its list of domains, where it takes one. */
  readonly domains?: readonly string[];
  /** Field beside that list which may not be used together with it. */
  readonly blocked?: string;
}

export const PLAIN: Shape = { scalar: "plain" };
export const PLAINS: Shape = { items: PLAIN };
export const ADDRESS: Shape = { scalar: "address" };
export const MODEL: Shape = { scalar: "model" };
export const FREE: Shape = { free: true };

export function list(items: Shape): Shape {
  return { items };
}

export function object(fields: ShapeFields): Shape {
  return { fields };
}

/** An object with these fields, all of them plain. */
export function plain(...names: readonly string[]): Shape {
  return { fields: plainFields(...names) };
}

export function plainFields(...names: readonly string[]): ShapeFields {
  return Object.fromEntries(names.map((name) => [name, PLAIN]));
}

/** Objects told apart by `type`; `fields` are those of one without it. */
export function byType(types: Readonly<Record<string, Shape>>, fields?: ShapeFields): Shape {
  return fields === undefined ? { types } : { types, fields };
}

/** Text alone, or what `shape` says. */
export function orText(shape: Shape): Shape {
  return { scalar: "plain", ...shape };
}

/** The same shape under several names. */
export function each(names: readonly string[], shape: Shape): Readonly<Record<string, Shape>> {
  return Object.fromEntries(names.map((name) => [name, shape]));
}

export function hosted(tool: HostedTool, fields: ShapeFields): Shape {
  return { fields, hosted: tool };
}

export function refused(reason: Reason, words: string): Shape {
  return { refused: { reason, words } };
}

export const STORED = refused(
  "stored-state",
  "What the model's service keeps between requests is unknown to the run's policy and budget: send the whole conversation, and files as data.",
);
export const CONNECTOR = refused(
  "server-side-connector",
  "Connectors that the model's service would call by itself are a way past the egress policy: leave them out.",
);
export const NO_WORD = refused(
  "model-tool",
  "No input allows machines, shells and browsers that the model's service would run: leave the tool out.",
);

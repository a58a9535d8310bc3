import type { Shape } from "../../../src/gateway/broker/shape.ts";

/** Answers "which of so many?"; a property shrinks what it answers from. */
export type Choose = (count: number) => number;

export function chooseFrom(tape: readonly number[]): Choose {
  let at = 0;
  return (count) => {
    const number = tape[at % tape.length] ?? 0;
    at += 1;
    return number % count;
  };
}

type Json = Record<string, unknown>;

/** A value that its description holds, without what the model's service would do by itself. */
export function randomValue(shape: Shape, choose: Choose, depth: number): unknown {
  if (shape.free === true) return { url: "https://example.com/in-a-tool-call", type: "object" };
  const kinds = [
    ...(shape.scalar === undefined ? [] : [() => scalar(shape)]),
    ...(shape.items === undefined ? [] : [() => list(shape.items ?? {}, choose, depth)]),
    ...(shape.fields === undefined ? [] : [() => object(shape.fields ?? {}, choose, depth)]),
    ...(shape.types === undefined ? [] : [() => typed(shape.types ?? {}, choose, depth)]),
  ];
  return kinds.length === 0 ? undefined : kinds[choose(kinds.length)]?.();
}

function scalar({ scalar: kind }: Shape): unknown {
  if (kind === "model") return "allowed-model";
  return kind === "address" ? "data:image/png;base64,AA==" : "text";
}

function list(items: Shape, choose: Choose, depth: number): unknown {
  if (depth <= 0 || isRefused(items)) return [];
  const values = Array.from({ length: 1 + choose(2) }, () => randomValue(items, choose, depth - 1));
  return values.filter((value) => value !== undefined);
}

function object(fields: Readonly<Record<string, Shape>>, choose: Choose, depth: number): Json {
  const made: Json = {};
  for (const [name, shape] of Object.entries(fields)) {
    if (name === "type" || isRefused(shape) || depth <= 0 || choose(3) !== 0) continue;
    const value = randomValue(shape, choose, depth - 1);
    if (value !== undefined) made[name] = value;
  }
  return made;
}

function typed(types: Readonly<Record<string, Shape>>, choose: Choose, depth: number): unknown {
  const open = Object.entries(types).filter(([, shape]) => !isRefused(shape));
  const found = open[choose(Math.max(1, open.length))];
  if (found === undefined) return undefined;
  return { ...(randomValue(found[1], choose, depth) as Json), type: found[0] };
}

function isRefused({ refused, hosted }: Shape): boolean {
  return refused !== undefined || hosted !== undefined;
}

/** Every object and list of a request but those that only the model reads. */
export function readPlaces(value: unknown, shape: Shape): readonly (Json | unknown[])[] {
  if (typeof value !== "object" || value === null || shape.free === true) return [];
  if (Array.isArray(value)) return [value, ...value.flatMap((each) => readPlaces(each, shape.items ?? {}))];
  const own = value as Json;
  const type = own["type"];
  if (shape.types !== undefined && typeof type === "string") return readPlaces(value, shape.types[type] ?? {});
  return [own, ...Object.entries(own).flatMap(([name, each]) => readPlaces(each, shape.fields?.[name] ?? {}))];
}

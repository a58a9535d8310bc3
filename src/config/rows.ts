import type { InputKind, InputKinds } from "./kinds.ts";

/** Which inputs have to be given. Each list goes from the first choice to the last. */
export type Needs<Name extends string = string> =
  | { readonly allOf: readonly Name[] }
  | { readonly anyOf: readonly Name[] }
  /** None has to be given, any may be. */
  | { readonly optional: readonly Name[] };

export function inputsIn<Name extends string>(needs: Needs<Name>): readonly Name[] {
  if ("allOf" in needs) return needs.allOf;
  return "anyOf" in needs ? needs.anyOf : needs.optional;
}

/** The inputs of which one has to be given yet; none: nothing is missing. */
export function findMissing<Name extends string>(needs: Needs<Name>, isGiven: (name: Name) => boolean): readonly Name[] {
  if ("allOf" in needs) return needs.allOf.filter((name) => !isGiven(name)).slice(0, 1);
  return "anyOf" in needs && !needs.anyOf.some(isGiven) ? needs.anyOf : [];
}

type Rows = Readonly<Record<string, { readonly inputs: InputKinds }>>;
type Joined<Part> = (Part extends unknown ? (part: Part) => void : never) extends (all: infer All) => void ? All : never;

/** The inputs of all rows as one table. */
export function joinInputs<const R extends Rows>(rows: R): Joined<R[keyof R]["inputs"]> {
  const inputs: readonly (readonly [string, InputKind<unknown>])[] = Object.values(rows).flatMap((row) => Object.entries(row.inputs));
  return Object.fromEntries(inputs) as Joined<R[keyof R]["inputs"]>;
}

/** The names of a table, in its order. */
export function namesOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}

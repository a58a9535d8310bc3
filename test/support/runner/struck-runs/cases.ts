import type { ErrorCode } from "../../../../src/domain/errors.ts";
import { EVER, status } from "../../cloud/cloud-faults.ts";
import type { Fault, Striking } from "../../cloud/faults.ts";

/** A moment of a run: a sandbox is asked for, or the first call of this kind to it. */
export interface Moment {
  /** Of the sandbox. */
  readonly purpose: "agent" | "verify" | "evidence";
  readonly call: "create" | "plant" | "exec" | "harvest";
}

/** What a service calls the places where a fault can strike. */
export interface Places<Station extends string> {
  readonly create: Station;
  readonly get: Station;
  readonly command: Station;
  readonly upload: Station;
  readonly tunnel: Station;
  readonly destroy: Station;
}

/** What happens to the service in one moment of a run. */
export interface Strike<Station extends string> {
  readonly moment: Moment;
  readonly faults: readonly (readonly [at: Station, fault: Fault, options?: Striking])[];
  /** Every connection to the sandbox is cut. */
  readonly cut?: boolean;
}

/** A whole run, what strikes it, and how it ends. */
export interface StruckCase<Station extends string> {
  readonly name: string;
  readonly strikes: readonly Strike<Station>[];
  /** Undefined: the run goes on and publishes. */
  readonly ends?: { readonly station: string | undefined; readonly code: ErrorCode; readonly kept: boolean };
  /** A sandbox stands until the post step takes it away. */
  readonly left?: boolean;
}

export const MADE: Moment = { purpose: "verify", call: "create" };
const USED: Moment = { purpose: "verify", call: "exec" };

/** Moments at which a sandbox is in use, and what has been kept when it is lost then. */
const IN_USE: readonly { readonly name: string; readonly moment: Moment; readonly station: string; readonly kept: boolean }[] = [
  { name: "while the tree is planted", moment: { purpose: "agent", call: "plant" }, station: "sandbox", kept: false },
  { name: "during setup", moment: { purpose: "agent", call: "exec" }, station: "sandbox", kept: false },
  { name: "during the harvest", moment: { purpose: "agent", call: "harvest" }, station: "harvest", kept: false },
  { name: "while the second sandbox is planted", moment: { purpose: "verify", call: "plant" }, station: "verify", kept: true },
  { name: "during verification", moment: USED, station: "verify", kept: true },
];

const DROP: Fault = { kind: "drop" };
const DROP_AFTER: Fault = { kind: "drop", after: true };
const LIE: Fault = { kind: "lie" };

/** The same at every service. */
export function listCases<Station extends string>(places: Places<Station>): readonly StruckCase<Station>[] {
  return [...listSurvived(places), ...listCreations(places), ...listLosses(places), ...listDestructions(places)];
}

/** Each kind of fault once at every station of one run: at the second creation, in every moment of use, and at the end. */
function listSurvived<Station extends string>({
  create,
  get,
  command,
  upload,
  tunnel,
  destroy,
}: Places<Station>): readonly StruckCase<Station>[] {
  const inUse = (...faults: Strike<Station>["faults"]): readonly Strike<Station>[] =>
    IN_USE.map(({ moment }) => ({ moment, cut: true, faults }));
  const refused = [tunnel, status(502), { times: 2 }] as const;
  return [
    {
      name: "an error at every station",
      strikes: [
        {
          moment: MADE,
          faults: [
            [create, status(502, { after: true })],
            [command, status(500)],
            [upload, status(429)],
            [destroy, status(500)],
          ],
        },
        ...inUse(refused, [get, status(500)]),
      ],
    },
    {
      name: "a cut connection at every station",
      strikes: [
        {
          moment: MADE,
          faults: [
            [create, DROP_AFTER],
            [command, DROP_AFTER],
            [upload, DROP],
            [destroy, DROP_AFTER],
          ],
        },
        ...inUse([tunnel, status(502)], [get, DROP], [tunnel, DROP]),
      ],
    },
    {
      name: "a lie at every station",
      strikes: [
        {
          moment: MADE,
          faults: [
            [command, LIE],
            [upload, { kind: "truncate" }],
          ],
        },
        ...inUse([tunnel, LIE, { times: 2 }]),
      ],
    },
  ];
}

/** At the creation of the second sandbox; what the agent did is kept whatever happens. */
function listCreations<Station extends string>({ create, command }: Places<Station>): readonly StruckCase<Station>[] {
  const fatal: readonly (readonly [string, Station, Fault, ErrorCode])[] = [
    ["no capacity", create, status(503), "sandbox.exhausted"],
    ["cut connections", create, DROP, "sandbox.unavailable"],
    ["a sandbox that was never made", create, LIE, "sandbox.unavailable"],
    ["commands that fail", command, status(500), "sandbox.unavailable"],
    ["commands that are cut", command, DROP, "sandbox.unavailable"],
    ["commands that lie", command, LIE, "sandbox.unavailable"],
  ];
  return fatal.map(([what, at, fault, code]) => ({
    name: `${what} at the second creation`,
    strikes: [{ moment: MADE, faults: [[at, fault, EVER]] }],
    ends: { station: "verify", code, kept: true },
  }));
}

/** No connection can be had any more, and the service says that there is no such sandbox. */
function listLosses<Station extends string>({ tunnel, get }: Places<Station>): readonly StruckCase<Station>[] {
  return IN_USE.map(({ name, moment, station, kept }) => ({
    name: `a sandbox that is said to be gone ${name}`,
    strikes: [
      {
        moment,
        cut: true,
        faults: [
          [tunnel, status(502), EVER],
          [get, LIE, EVER],
        ],
      },
    ],
    ends: { station, code: "sandbox.lost", kept },
  }));
}

function listDestructions<Station extends string>({ destroy }: Places<Station>): readonly StruckCase<Station>[] {
  const code = "sandbox.left";
  return [
    {
      name: "an end of the second sandbox that is never confirmed",
      strikes: [{ moment: USED, faults: [[destroy, status(500), EVER]] }],
      ...{ ends: { station: "verify", code, kept: true }, left: true },
    },
    {
      name: "an end of the agent's sandbox that is never heard of",
      strikes: [{ moment: USED, faults: [[destroy, DROP, { ...EVER, skip: 1 }]] }],
      ...{ ends: { station: undefined, code, kept: true }, left: true },
    },
  ];
}

/** A review that is struck when the sandbox for its evidence is made. */
export interface EvidenceCase<Station extends string> {
  readonly name: string;
  readonly faults: Strike<Station>["faults"];
  readonly survived: boolean;
}

export function listEvidence<Station extends string>({ create, command }: Places<Station>): readonly EvidenceCase<Station>[] {
  return [
    {
      name: "an answer that is lost at the creation for its evidence",
      faults: [
        [create, DROP_AFTER],
        [command, status(500)],
      ],
      survived: true,
    },
    { name: "a sandbox for its evidence that was never made", faults: [[create, LIE, EVER]], survived: false },
  ];
}

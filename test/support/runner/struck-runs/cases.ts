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
export interface Places<Stage extends string> {
  readonly create: Stage;
  readonly get: Stage;
  readonly command: Stage;
  readonly upload: Stage;
  readonly tunnel: Stage;
  readonly destroy: Stage;
}

/** What happens to the service in one moment of a run. */
export interface Strike<Stage extends string> {
  readonly moment: Moment;
  readonly faults: readonly (readonly [at: Stage, fault: Fault, options?: Striking])[];
  /** Every connection to the sandbox is cut. */
  readonly cut?: boolean;
}

/** A whole run, what strikes it, and how it ends. */
export interface StruckCase<Stage extends string> {
  readonly name: string;
  readonly strikes: readonly Strike<Stage>[];
  /** Undefined: the run goes on and publishes. */
  readonly ends?: { readonly stage: string | undefined; readonly code: ErrorCode; readonly kept: boolean };
  /** A sandbox stands until the post step takes it away. */
  readonly left?: boolean;
  /** The second sandbox stands beside the agent's. Absent: it is made when the agent's has ended, so that a fault meets no call of the other. */
  readonly beside?: true;
}

export const MADE: Moment = { purpose: "verify", call: "create" };
const USED: Moment = { purpose: "verify", call: "exec" };

/** Moments at which a sandbox is in use, and what has been kept when it is lost then. */
const IN_USE: readonly { readonly name: string; readonly moment: Moment; readonly stage: string; readonly kept: boolean }[] = [
  { name: "while the tree is planted", moment: { purpose: "agent", call: "plant" }, stage: "sandbox", kept: false },
  { name: "during setup", moment: { purpose: "agent", call: "exec" }, stage: "sandbox", kept: false },
  { name: "during the harvest", moment: { purpose: "agent", call: "harvest" }, stage: "harvest", kept: false },
  { name: "while the second sandbox is planted", moment: { purpose: "verify", call: "plant" }, stage: "verify", kept: true },
  { name: "during verification", moment: USED, stage: "verify", kept: true },
];

const DROP: Fault = { kind: "drop" };
const DROP_AFTER: Fault = { kind: "drop", after: true };
const LIE: Fault = { kind: "lie" };

/** The same at every service. */
export function listCases<Stage extends string>(places: Places<Stage>): readonly StruckCase<Stage>[] {
  return [...listSurvived(places), ...listCreations(places), ...listLosses(places), ...listDestructions(places)];
}

/** Each kind of fault once at every stage of one run: at the second creation, in every moment of use, and at the end. */
function listSurvived<Stage extends string>({
  create,
  get,
  command,
  upload,
  tunnel,
  destroy,
}: Places<Stage>): readonly StruckCase<Stage>[] {
  const inUse = (...faults: Strike<Stage>["faults"]): readonly Strike<Stage>[] =>
    IN_USE.map(({ moment }) => ({ moment, cut: true, faults }));
  const refused = [tunnel, status(502), { times: 2 }] as const;
  return [
    {
      name: "an error at every stage",
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
      name: "a cut connection at every stage",
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
      name: "a lie at every stage",
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
function listCreations<Stage extends string>({ create, command }: Places<Stage>): readonly StruckCase<Stage>[] {
  const fatal: readonly (readonly [string, Stage, Fault, ErrorCode])[] = [
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
    ends: { stage: "verify", code, kept: true },
  }));
}

/** No connection can be had any more, and the service says that there is no such sandbox. */
function listLosses<Stage extends string>({ tunnel, get }: Places<Stage>): readonly StruckCase<Stage>[] {
  return IN_USE.map(({ name, moment, stage, kept }) => ({
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
    ends: { stage, code: "sandbox.lost", kept },
  }));
}

function listDestructions<Stage extends string>({ destroy }: Places<Stage>): readonly StruckCase<Stage>[] {
  const code = "sandbox.left";
  return [
    {
      name: "an end of the second sandbox that is never confirmed",
      strikes: [{ moment: USED, faults: [[destroy, status(500), EVER]] }],
      ...{ ends: { stage: "verify", code, kept: true }, left: true },
    },
    {
      name: "an end of the agent's sandbox that is never heard of",
      strikes: [{ moment: USED, faults: [[destroy, DROP, { ...EVER, skip: 1 }]] }],
      beside: true,
      ...{ ends: { stage: undefined, code, kept: true }, left: true },
    },
  ];
}

/** A review that is struck when the sandbox for its evidence is made. */
export interface EvidenceCase<Stage extends string> {
  readonly name: string;
  readonly faults: Strike<Stage>["faults"];
  readonly survived: boolean;
}

export function listEvidence<Stage extends string>({ create, command }: Places<Stage>): readonly EvidenceCase<Stage>[] {
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

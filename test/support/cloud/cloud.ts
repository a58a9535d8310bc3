import type { SandboxProvider } from "../../../src/ports/sandbox.ts";
import type { Places } from "../runner/struck-runs/cases.ts";
import type { Fault, Faults } from "./faults.ts";

/** What every stand-in for a cloud has. */
export interface CloudServer extends AsyncDisposable {
  /** Leads the adapter, and a job, to the stand-in. */
  readonly env: Readonly<Record<string, string>>;
  /** What the real service would not have understood. */
  readonly complaints: readonly string[];
}

/** A cloud provider for the tests that hold for every cloud: its stand-in on the wire, and the words of the tests' titles. */
export interface Cloud<Server extends CloudServer, Stage extends string, F extends Fault = Fault> {
  /** As in the input `provider`. */
  readonly provider: string;
  readonly name: string;
  /** One sandbox, such as "sprite". */
  readonly sandbox: string;
  readonly credential: {
    readonly input: string;
    /** In titles, such as "key". */
    readonly noun: string;
    readonly wrong: string;
    readonly of: (server: Server) => string;
  };
  /** Where faults strike. */
  readonly stages: Places<Stage>;
  start(): Promise<Server>;
  /** One that says that its sandboxes have no network, and gives them one. */
  startOpen(): Promise<Server>;
  open(server: Server): Promise<SandboxProvider>;
  faults(server: Server): Faults<Stage, F>;
  /** Ids of all sandboxes that were ever made. */
  created(server: Server): readonly string[];
  /** Ids of the sandboxes that stand now. */
  left(server: Server): readonly string[];
  /** Takes a sandbox away behind the run's back. */
  end(server: Server, id: string): Promise<unknown>;
  /** Cuts every connection to a sandbox's port. Returns how many there were. */
  cut(server: Server): number;
  /** Commands that the adapter had run. */
  commands(server: Server): readonly unknown[];
  /** All that the adapter sent and may show no secret: requests, creations, commands. */
  sent(server: Server): unknown;
}

/** A cloud with its faults, for the tests of them. */
export async function openFaultyService<Server extends CloudServer, Stage extends string, F extends Fault>(
  cloud: Cloud<Server, Stage, F>,
  server: Server,
) {
  return {
    faults: cloud.faults(server),
    complaints: server.complaints,
    provider: await cloud.open(server),
    left: () => cloud.left(server),
    cut: () => void cloud.cut(server),
  };
}

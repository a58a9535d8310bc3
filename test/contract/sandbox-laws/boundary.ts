import { expect } from "vitest";
import { judgeBoundary } from "../../../src/domain/sandbox/boundary-proof.ts";
import type { ProbeAttempt } from "../../../src/ports/sandbox.ts";
import { serveGateway } from "./gateway.ts";
import type { SharedLaw } from "./law.ts";
import { shell } from "./run.ts";

const PROXY_PORT = 3128;

/** What a stand-in for the gateway answers to everything. */
const ANSWERS = {
  refusal: (name: string) => `HTTP/1.1 403 Forbidden\r\nx-airlock-decision: test-${name}\r\n`,
  "refusal by somebody else": () => "HTTP/1.1 403 Forbidden\r\n",
  connection: () => "HTTP/1.1 200 Connection established\r\n",
  failure: () => "HTTP/1.1 502 Bad Gateway\r\nx-airlock-decision: late\r\n",
} as const;

export const BOUNDARY_LAWS: readonly SharedLaw[] = [
  {
    id: "closed-egress",
    title: "I3: every way out is closed but the gateway, and the sandbox proves it from inside",
    async check(sandbox, context) {
      const prove = async (): Promise<ReturnType<typeof judgeBoundary> & { readonly attempts: readonly ProbeAttempt[] }> => {
        const { attempts } = await sandbox.probe({
          deniedHost: "denied.invalid",
          proxyPort: PROXY_PORT,
          timeoutMs: 2_000 + 200 * context.subject.slowness,
        });
        return { attempts, ...judgeBoundary(attempts) };
      };
      expect((await prove()).proved, "without a gateway nothing is proved").toBe(false);
      let answer: keyof typeof ANSWERS = "refusal";
      serveGateway(sandbox, (name, stream) => {
        stream.once("data", () => stream.end(`${ANSWERS[answer](name)}content-length: 0\r\nconnection: close\r\n\r\n`));
      });
      try {
        await sandbox.openRelay([
          { port: PROXY_PORT, name: "proxy" },
          { port: PROXY_PORT + 1, name: "model" },
        ]);
        for (const wrong of ["refusal by somebody else", "connection", "failure"] as const) {
          answer = wrong;
          expect((await prove()).proved, wrong).toBe(false);
        }
        answer = "refusal";
        const { attempts, proved, failures } = await prove();
        expect({ proved, failures }).toEqual({ proved: true, failures: [] });
        expect(attempts.find((attempt) => attempt.name.startsWith("denied-host"))?.detail).toBe("403 test-proxy");
        // The agent's user meets the same as the supervisor does.
        const script = `exec 3<>/dev/tcp/127.0.0.1/${PROXY_PORT + 1}; printf 'GET / HTTP/1.1\\r\\n\\r\\n' >&3; head -n 2 <&3; ! (exec 4<>/dev/tcp/1.1.1.1/443) 2>/dev/null`;
        const { stdout } = await sandbox.exec({
          argv: ["/bin/bash", "-c", script],
          cwd: "/",
          env: context.subject.env,
          timeoutMs: 60_000,
          maxOutputBytes: 10_000,
        });
        expect(Buffer.from(stdout).toString()).toContain("x-airlock-decision: test-model");
      } finally {
        await sandbox.closeRelay();
      }
    },
  },
  {
    id: "no-interfaces",
    title: "I3: there is no network interface but loopback and no route",
    async check(sandbox, context) {
      expect(
        (await shell(sandbox, context, "ls /sys/class/net 2>/dev/null || sed -n 's/^ *\\([^:|]*\\):.*/\\1/p' /proc/net/dev")).trim(),
      ).toBe("lo");
      expect((await shell(sandbox, context, "tail -n +2 /proc/net/route")).trim()).toBe("");
    },
  },
];

import { execFile } from "node:child_process";

/** What a program of the host left. A non-zero exit is a result here, too. */
export interface HostResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface HostCommandOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Added to the minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly maxOutputBytes?: number;
}

/** The Action's own environment holds tokens: no program of the host ever gets it. */
export const MINIMAL_ENV: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C.UTF-8",
  HOME: "/nonexistent",
};

/** Runs a program of the host to its end, without a shell, with a minimal environment. */
export function runHost(argv: readonly string[], options: HostCommandOptions): Promise<HostResult> {
  const [program = "", ...rest] = argv;
  return new Promise((resolve) => {
    execFile(
      program,
      rest,
      {
        timeout: options.timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: options.maxOutputBytes ?? 16 << 20,
        env: { ...MINIMAL_ENV, ...options.env },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      },
      (error, stdout, stderr) => resolve({ code: exitCode(error), stdout, stderr: stderr || (error?.message ?? "") }),
    );
  });
}

function exitCode(error: unknown): number {
  if (error === null || error === undefined) return 0;
  const code = (error as { code?: unknown }).code;
  return typeof code === "number" ? code : 127;
}

/** The last lines of what a program said, for an error message. */
export function lastWords(result: HostResult, maxChars = 400): string {
  const text = (result.stderr.trim() || result.stdout.trim()).slice(-maxChars);
  return text === "" ? `exit status ${result.code}` : text;
}

import { AirlockError } from "../../../src/domain/errors.ts";

export function isAirlockPolicyError(error: unknown): boolean {
  return error instanceof AirlockError && error.code === "policy.invalid";
}

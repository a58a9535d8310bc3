import type { Finding } from "../patch.ts";
import type { TreeCheck, TreeContext } from "./context.ts";
import { checkLinks, checkModes, checkSubmodules, checkTypeChanges } from "./kinds.ts";
import { checkLicence } from "./licence.ts";
import { checkAllowedPaths, checkCollisions, checkOddNames, checkProtectedPaths, checkUnrepresentable } from "./paths.ts";
import { checkBinary, checkCount } from "./size.ts";

const TREE_CHECKS: readonly TreeCheck[] = [
  checkUnrepresentable,
  checkProtectedPaths,
  checkAllowedPaths,
  checkLinks,
  checkSubmodules,
  checkTypeChanges,
  checkCollisions,
  checkOddNames,
  checkCount,
  checkBinary,
  checkLicence,
  checkModes,
];

/** Every check that needs no file content. */
export function checkTree(context: TreeContext): readonly Finding[] {
  return TREE_CHECKS.flatMap((check) => check(context));
}

import { expect, test } from "vitest";
import { decide, parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { type CaseAssert, type EgressCase, KNOWN_ASSERTS, readCases, renderRules } from "../../../support/egress/cases.ts";
import type { Guest } from "../../../support/egress/guest.ts";
import { openOrRefuse, type Played, play } from "../../../support/egress/play.ts";
import { isAirlockPolicyError } from "../../../support/egress/policy-error.ts";
import { openUpstream, type Upstream } from "../../../support/egress/upstream.ts";

const CASES = readCases();
const byId = new Map(CASES.map((entry) => [entry.id, entry]));

test("every kind of assertion in the catalogue is checked here", () => {
  const keys = new Set(CASES.flatMap((entry) => Object.keys(entry.assert ?? {})));
  expect([...keys].filter((key) => !KNOWN_ASSERTS.includes(key))).toEqual([]);
  expect(CASES.length).toBe(232);
});

const MATCHES = CASES.filter((entry) => entry.request.kind === "match");

test.each(MATCHES)("$id: decide agrees, $why", (given) => {
  const answer = decideOnly(given);
  expect([given.expect, ...(given.accept ?? [])]).toContain(answer);
});

function decideOnly(given: EgressCase): string {
  try {
    const policy = parsePolicy({ allow: renderRules(given.policy.allow), deny: given.policy.deny.join("\n") });
    return decide(policy, given.request.host ?? "", given.request.port ?? 0).verdict;
  } catch (error) {
    if (isAirlockPolicyError(error)) return "error";
    throw error;
  }
}

const THROUGH_GATEWAY = CASES.filter((entry) => entry.request.behaviour === undefined);

test.each(THROUGH_GATEWAY)("$id: the gateway over a real tunnel, $why", async (given) => {
  await using upstream = await openUpstream();
  const guest = await openOrRefuse(given, upstream);
  const fair = [given.expect, ...(given.accept ?? [])];
  if (guest === "error") {
    expect(fair).toContain("error");
    return;
  }
  await using open = guest;
  const earlier = byId.get(given.assert?.after ?? "");
  if (earlier !== undefined) await play(open, earlier, upstream);
  const startedAt = performance.now();
  const played = await play(open, given, upstream);
  const tookMs = performance.now() - startedAt;
  const log = await open.readLog();
  expect(fair, `${played.statuses} ${log}`).toContain(played.answer);
  checkOutside(given.assert ?? {}, open);
  checkUpstream(given.assert ?? {}, upstream, played);
  checkSeen(given.assert ?? {}, { played, log, tookMs });
});

function checkOutside(wanted: CaseAssert, guest: Guest): void {
  for (const never of wanted.never_dials ?? []) {
    expect(guest.dialled).not.toContain(never);
    expect(guest.resolved).not.toContain(never);
  }
  for (const address of wanted.dials ?? []) expect(guest.dialled).toContain(address);
  if (wanted.no_dns === true) expect(guest.resolved).toEqual([]);
  if (wanted.resolves_name_any !== undefined) expect(wanted.resolves_name_any).toContain(guest.resolved[0]);
}

function checkUpstream(wanted: CaseAssert, upstream: Upstream, played: Played): void {
  checkUpstreamHeaders(wanted, upstream, played);
  const [first] = upstream.requests;
  for (const text of wanted.upstream_never_contains ?? []) expect(upstream.received()).not.toContain(text);
  if (wanted.upstream_never_target !== undefined)
    expect(upstream.requests.map(({ target }) => target)).not.toContain(wanted.upstream_never_target);
  if (wanted.upstream_requests_max !== undefined) expect(upstream.requests.length).toBeLessThanOrEqual(wanted.upstream_requests_max);
  if (wanted.upstream_tls_bytes !== undefined) expect(upstream.tlsBytes()).toBe(wanted.upstream_tls_bytes);
  if (wanted.upstream_host !== undefined) expect(first?.host).toBe(wanted.upstream_host);
  if (wanted.upstream_target !== undefined) expect(first?.target).toBe(wanted.upstream_target);
}

function checkUpstreamHeaders(wanted: CaseAssert, upstream: Upstream, played: Played): void {
  const [first] = upstream.requests;
  const names = upstream.requests.flatMap((request) => request.headers.map(([name]) => name));
  for (const name of wanted.upstream_header_absent ?? []) expect(names).not.toContain(name);
  for (const [name, value] of Object.entries(wanted.upstream_headers ?? {})) expect(first?.headers).toContainEqual([name, value]);
  if (played.answer !== "allow") return;
  for (const [name, count] of Object.entries(wanted.upstream_header_count ?? {}))
    expect(first?.headers.filter(([key]) => key === name)).toHaveLength(count);
  if (wanted.if_allowed_upstream_host !== undefined) expect(first?.host).toBe(wanted.if_allowed_upstream_host);
}

function checkSeen(wanted: CaseAssert, given: { readonly played: Played; readonly log: string; readonly tookMs: number }): void {
  const { played, log, tookMs } = given;
  for (const text of [...(wanted.response_not_contains ?? []), ...(wanted.sandbox_never_sees ?? [])])
    expect(played.seen).not.toContain(text);
  for (const text of wanted.log_not_contains ?? []) expect(log).not.toContain(text);
  if (wanted.response_status !== undefined) expect(played.statuses.at(-1)).toBe(wanted.response_status);
  if (wanted.responses !== undefined) expect(played.statuses.map(showStatus)).toEqual(wanted.responses);
  if (wanted.max_ms !== undefined) expect(tookMs).toBeLessThan(wanted.max_ms * 4);
}

function showStatus(status: number): string {
  return status === 403 ? "403" : `${Math.floor(status / 100)}xx`;
}

import type { TestAPI } from "vitest";
import type { Erpsatz, Sandbox, TestOptions } from "./index.mjs";

/** vitest's `test` with a sandbox for each test; `test.override({ scenario, failOn })` (`test.scoped` before 4.1). */
export const test: TestAPI<TestOptions & { erpsatz: Erpsatz; erp: Sandbox }>;
export const it: typeof test;
export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from "vitest";

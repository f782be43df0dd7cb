import type {
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestType,
} from "@playwright/test";
import type { Erpsatz, Sandbox, TestOptions } from "./index.cjs";

export { expect } from "@playwright/test";

/** Playwright's `test` with a sandbox for each test; `test.use({ scenario, failOn })`. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & TestOptions & { erp: Sandbox },
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & { erpsatz: Erpsatz }
>;

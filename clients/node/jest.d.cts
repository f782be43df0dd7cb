import type { Erpsatz, Sandbox, TestOptions } from "./index.cjs";

type Body<Values extends unknown[]> = (fixtures: { erp: Sandbox; erpsatz: Erpsatz }, ...values: Values) => unknown;
type Declare = (name: string, body: Body<[]>, timeout?: number) => void;

/** jest's `test`, whose function gets a sandbox of its own. */
export interface Test extends Declare {
  only: Declare;
  skip(name: string, body?: Body<any[]>, timeout?: number): void;
  todo(name: string): void;
  each<Value>(table: readonly Value[]): (
    name: string,
    body: Body<Value extends readonly unknown[] ? [...Value] : [Value]>,
    timeout?: number,
  ) => void;
  /** A `test` whose sandboxes start as this. */
  override(options: Partial<TestOptions>): Test;
}

export const test: Test;
export const it: Test;

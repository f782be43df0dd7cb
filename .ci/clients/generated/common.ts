/** What the life cycles of all servers need. */

/** What a call gave, where it was a documented success. */
export function given<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.error !== undefined || !answer.response.ok) {
    throw new Error(`${answer.response.status} ${answer.response.url}: ${JSON.stringify(answer.error)}`);
  }
  return answer.data as T;
}

/** The status of a call that was to be refused. */
export function refused(answer: { error?: unknown; response: Response }, status: number): void {
  check(answer.response.status === status, `${answer.response.status} instead of ${status}: ${answer.response.url}`);
}

export function check(holds: boolean, why: string): void {
  if (!holds) throw new Error(why);
}

export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Where a server is: what stands before it, or the server itself in a sandbox of this check. */
export function at(server: string): string {
  return process.env["AT"] ?? `${variable(`${server}_URL`)}/~typescript`;
}

// What of Preact 10 and htm 3 (both in preact.js, see the licences beside it) the console uses.

/** A rendered thing: an element, text, nothing or a list of them. */
export type Node = any;
export type Setter<T> = (next: T | ((before: T) => T)) => void;

export function html(strings: TemplateStringsArray, ...values: any[]): Node;
export function render(node: Node, parent: Element): void;
export function useState<T>(initial: T | (() => T)): [T, Setter<T>];
export function useEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useRef<T>(initial: T): { current: T };
export function useMemo<T>(make: () => T, inputs: unknown[]): T;
export function useCallback<T extends Function>(callback: T, inputs: unknown[]): T;

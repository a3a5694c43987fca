/**
 * Shared pieces of all code generators: lines, unique names, and literals.
 * Thread: any; runs once per event type.
 * Why code is generated: a plain interpreter over the plan costs 5 to 10 times as much per field, and closures per field cannot be inlined across
 * event types; one straight function per type reads each property at its own site, so V8 keeps every access monomorphic.
 * Safety: nothing of the schema enters the code except names and texts quoted by `JSON.stringify`, and numbers that the plan reader checked; a plan
 * that arrives from elsewhere is laid out anew and compared first.
 */
/** Generated lines, and the values they close over. */
export class CodeWriter {
  readonly lines: string[] = [];
  /** Values the code closes over, under the names `constant0`, `constant1` and so on. */
  readonly constants: unknown[] = [];
  #names = 0;

  /** A number no other part of the code uses. */
  freshId(): number {
    this.#names += 1;
    return this.#names;
  }

  /** A variable name no other part of the code uses. */
  fresh(prefix: string): string {
    return `${prefix}${this.freshId()}`;
  }

  /** Makes a value available to the code and returns the expression for it. */
  constant(value: unknown): string {
    const known = this.constants.indexOf(value);
    return `constant${known === -1 ? this.constants.push(value) - 1 : known}`;
  }

  line(text: string): void {
    this.lines.push(text);
  }
}

/** A quoted text. `JSON.stringify` escapes all that could end a string literal. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A literal of an enum or bound. */
export function literal(value: string | number | boolean): string {
  return JSON.stringify(value);
}

/**
 * Compiles a function body in which the names of `environment` stand for its values, and runs it.
 *
 * @returns what the body returns; undefined where the process forbids code generation from strings
 */
export function runBody(body: string, environment: Readonly<Record<string, unknown>>): unknown {
  try {
    // The reasons for generating code, and what keeps it safe, stand at the top.
    // oxlint-disable-next-line typescript/no-implied-eval
    return (new Function(...Object.keys(environment), body) as (...values: unknown[]) => unknown)(...Object.values(environment));
  } catch (cause) {
    if (cause instanceof EvalError) return undefined;
    throw cause;
  }
}

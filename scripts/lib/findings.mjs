/**
 * Collects what a check finds and ends the process: one line per finding, exit code 1 when there is an error.
 */
export class Findings {
  #errors = [];
  #warnings = [];

  /** Adds an error at a file, or at a line of it. */
  error(file, line, message) {
    this.#errors.push(`${line === undefined ? file : `${file}:${line}`}  ${message}`);
  }

  /** Adds a remark that does not fail the check. */
  warn(file, message) {
    this.#warnings.push(`${file}  ${message}`);
  }

  /** Prints everything and sets the exit code. */
  finish(name) {
    for (const warning of this.#warnings) console.log(`warning: ${warning}`);
    for (const error of this.#errors) console.log(`error: ${error}`);
    if (this.#errors.length > 0) {
      console.log(`${name}: ${this.#errors.length} error${this.#errors.length === 1 ? '' : 's'}`);
      process.exitCode = 1;
    }
  }
}

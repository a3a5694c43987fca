/**
 * What is known of one package so far. Results of its files may come in any mix; the package is complete when all of them came.
 * Thread: any.
 */
import { createHash } from 'node:crypto';
import type { Events } from '../events.ts';

type Result<Name extends 'file.parsed' | 'file.hashed' | 'file.counted'> = Omit<Events[Name], 'package'>;

/** Totals of one package. */
export class PackageTotals {
  private readonly name: string;
  private readonly hash = createHash('sha256');
  private files = Infinity;
  private readonly results = { parsed: 0, hashed: 0, counted: 0 };
  private readonly sums = { unparsed: 0, bytes: 0, lines: 0, blankLines: 0, functions: 0, classes: 0, imports: 0, nestingMax: 0 };

  constructor(name: string) {
    this.name = name;
  }

  /** Learns how many files there are. */
  expect(files: number): void {
    this.files = files;
  }

  addParsed({ parsed, functions, classes, imports, nestingMax }: Result<'file.parsed'>): void {
    this.results.parsed++;
    this.sums.unparsed += parsed ? 0 : 1;
    this.sums.functions += functions;
    this.sums.classes += classes;
    this.sums.imports += imports;
    this.sums.nestingMax = Math.max(this.sums.nestingMax, nestingMax);
  }

  /** Adds to the hash of the package, which therefore depends on the order of its files. */
  addHashed({ sha256 }: Result<'file.hashed'>): void {
    this.results.hashed++;
    this.hash.update(sha256);
  }

  addCounted({ bytes, lines, blankLines }: Result<'file.counted'>): void {
    this.results.counted++;
    this.sums.bytes += bytes;
    this.sums.lines += lines;
    this.sums.blankLines += blankLines;
  }

  /** The totals, once all results of all files are in. */
  whenComplete(): Events['package.indexed'] | undefined {
    const { parsed, hashed, counted } = this.results;
    if (Math.min(parsed, hashed, counted) < this.files) return undefined;
    return { package: this.name, files: this.files, ...this.sums, sha256: this.hash.digest('hex') };
  }
}

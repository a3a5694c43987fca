/**
 * Parses one file with Babel's parser and counts what its syntax tree holds. This is where the job's CPU time goes.
 * Thread: any.
 */
import type { ParserOptions } from '@babel/parser';
import { parse } from '@babel/parser';
import type { Events } from '../events.ts';

type SyntaxFacts = Omit<Events['file.parsed'], 'package'>;

interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ObjectMethod',
  'ClassMethod',
  'ClassPrivateMethod',
  'TSDeclareFunction',
  'TSDeclareMethod',
]);
const CLASSES = new Set(['ClassDeclaration', 'ClassExpression']);
const IMPORTS = new Set(['ImportDeclaration', 'ImportExpression', 'TSImportEqualsDeclaration']);
const BLOCKS = new Set(['BlockStatement', 'ClassBody', 'SwitchStatement', 'TSInterfaceBody', 'TSModuleBlock']);
const UNPARSED: SyntaxFacts = Object.freeze({ parsed: false, functions: 0, classes: 0, imports: 0, nestingMax: 0 });

/** Kind of a file: its extension, where declarations are a kind of their own. */
export function kindOf(path: string): string {
  return /\.d\.[cm]?ts$/.exec(path)?.[0].slice(1) ?? path.slice(path.lastIndexOf('.') + 1);
}

/** Functions, classes, imports (static, dynamic and `require`) and deepest nesting of a file; files that do not parse count nothing. */
export function parseSource(source: Buffer, kind: string): SyntaxFacts {
  try {
    return measureTree(parse(source.toString('utf8'), optionsFor(kind)).program as unknown as SyntaxNode);
  } catch {
    // Packages ship broken files too, as fixtures of their own tests for example.
    return UNPARSED;
  }
}

function optionsFor(kind: string): ParserOptions {
  return {
    sourceType: 'unambiguous',
    allowReturnOutsideFunction: true,
    allowUndeclaredExports: true,
    attachComment: false,
    createImportExpressions: true,
    plugins: /tsx?$/.test(kind) ? [['typescript', { dts: kind.startsWith('d.') }]] : ['jsx'],
  };
}

/** Walks the tree with a stack of its own: generated code nests deeper than a thread may recurse. */
function measureTree(root: SyntaxNode): SyntaxFacts {
  let [functions, classes, imports, nestingMax] = [0, 0, 0, 0];
  const nodes = [root];
  const nestings = [0];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    // Both stacks always have the same height.
    const nesting = (nestings.pop() as number) + (BLOCKS.has(node.type) ? 1 : 0);
    if (nesting > nestingMax) nestingMax = nesting;
    if (FUNCTIONS.has(node.type)) functions++;
    else if (CLASSES.has(node.type)) classes++;
    else if (IMPORTS.has(node.type) || isRequire(node)) imports++;
    for (const field in node) {
      const child = node[field];
      if (!Array.isArray(child)) {
        if (isNode(child)) nestings[nodes.push(child) - 1] = nesting;
        continue;
      }
      for (const item of child) if (isNode(item)) nestings[nodes.push(item) - 1] = nesting;
    }
  }
  return { parsed: true, functions, classes, imports, nestingMax };
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function isRequire(node: SyntaxNode): boolean {
  return node.type === 'CallExpression' && (node['callee'] as { name?: unknown }).name === 'require';
}

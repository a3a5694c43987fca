/**
 * Writes the `measure` function of a struct with texts or arrays; without them the size is a constant and nothing is generated.
 * Thread: any; the generated function runs on producers, before the claim.
 * The generated code only adds up sizes: values of the wrong type count nothing, because `encode` refuses them with their path.
 */
import { quoted } from '../code-writer.ts';
import type { CodeWriter } from '../code-writer.ts';
import { isVariable } from './struct-layout.ts';
import type { Frame, Place } from './struct-layout.ts';

/** Generates the statements that leave an upper bound of the payload's bytes in `size`. */
export function generateMeasure(code: CodeWriter, frame: Frame): void {
  code.line(`let size = ${(frame.bytes + 7) & ~7};`);
  measureValue(code, frame.root, 'data');
}

function measureValue(code: CodeWriter, place: Place, value: string): void {
  if (!isVariable(place)) return;
  if (place.kind === 'text') {
    code.line(`if (typeof ${value} === "string") size += textBound(${value});`);
  } else if (place.kind === 'object') {
    code.line(`if (typeof ${value} === "object" && ${value} !== null) {`);
    for (const { name, type } of place.fields) {
      if (!isVariable(type)) continue;
      const inner = code.fresh('value');
      code.line(`const ${inner} = ${value}[${quoted(name)}];`);
      measureValue(code, type, inner);
    }
    code.line('}');
  } else if (place.kind === 'array') {
    const count = code.fresh('count');
    code.line(`if (isArray(${value})) {`);
    // Eight bytes of slack cover the alignment of the elements. The comparison is false for NaN, which a proxy's length can cause.
    code.line(`const ${count} = ${value}.length; size += 8 + ${count} * ${place.frame.bytes};`);
    code.line(`if (!(size <= bytesMax)) throw oversize(size);`);
    if (isVariable(place.frame.root)) {
      const index = code.fresh('index');
      const element = code.fresh('value');
      code.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
      code.line(`const ${element} = ${value}[${index}];`);
      measureValue(code, place.frame.root, element);
      code.line('}');
    }
    code.line('}');
  }
}

/** The totals that handlers are checked against, and the hand-written binary form. */
import { describe, expect, it } from 'vitest';
import { invoiceAt, orderAt, TABLE_SIZE } from '../../dist/workload/bench-events.js';
import { BinaryReader, BinaryWriter } from '../../dist/workload/binary-layout.js';
import { control, handleItem } from '../../dist/workload/consumer.js';
import { scenarioNames, scenarios } from '../../dist/workload/scenarios.js';
import { Workload } from '../../dist/workload/workload.js';

describe('Workload.expected()', () => {
  it.each(['event-64B', 'event-1KB', 'mixed', 'mixed-shapes'] as const)('of %s is what the handlers count', (name) => {
    const workload = new Workload(scenarios[name], 1);
    for (const events of [0, 1, 63, TABLE_SIZE, TABLE_SIZE * 2 + 5]) {
      control({ op: 'reset', work: scenarios[name].work, spinIterations: 1 });
      for (let index = 0; index < events; index++) handleItem(workload.items[index % TABLE_SIZE]);
      expect(control({ op: 'report', work: scenarios[name].work, spinIterations: 1 }).totals).toEqual(workload.expected(events));
    }
  });

  it('differs when one event is replaced by another', () => {
    const { scenario } = new Workload(scenarios['event-64B'], 1);
    control({ op: 'reset', work: scenario.work, spinIterations: 1 });
    handleItem(orderAt(0));
    handleItem(orderAt(2));
    const { totals } = control({ op: 'report', work: scenario.work, spinIterations: 1 });
    expect(totals).not.toEqual(new Workload(scenario, 1).expected(2));
  });
});

describe('BinaryWriter', () => {
  it.each([
    ['order', false, orderAt(77, 5.5)],
    ['invoice', true, invoiceAt(77, 5.5)],
  ] as const)('writes an %s from which a reader gets the fields that handlers want', (_, invoice, event) => {
    const writer = new BinaryWriter(invoice);
    writer.write(event);
    const reader = new BinaryReader(writer.doubles).moveTo(0);
    expect({ id: reader.id, quantity: reader.quantity, at: reader.at }).toEqual({ id: 77, quantity: event.quantity, at: 5.5 });
  });
});

describe('scenarios', () => {
  it('has every name under its own key', () => {
    expect(Object.values(scenarios).map((scenario) => scenario.name)).toEqual([...scenarioNames]);
  });
});

/** Worker entry of piscina and tinypool: the default export is the task function. Thread: worker. */
import { type ControlReport, control, handleItem } from '../../workload/consumer.ts';
import { isControlMessage } from '../message-protocol.ts';

export default function runTask(task: unknown): ControlReport | undefined {
  if (isControlMessage(task)) return control(task.control);
  handleItem(task);
  return undefined;
}

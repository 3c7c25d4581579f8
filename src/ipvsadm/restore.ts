/** Command lines from a stream, one after another, as ipvsadm -R takes them. */

import type { Operation } from '../ipvs/backend.js';
import { parseArguments } from './arguments.js';
import { execute, type Workplace } from './execute.js';
import { hasNames } from './host-addresses.js';
import { refusalWords } from './refusals.js';
import { noCommand, status, WrongArguments } from './request.js';

/** Characters of a line. */
const longestLine = 65_536;

/**
 * The exit status is that of the last line: what the kernel refuses does not keep later lines from being carried
 * out. A line that is wrong ends it. Changes are sent to the kernel together as they come in together.
 */
export async function restore(input: AsyncIterable<string>, director: Workplace): Promise<number> {
  const lines = new Lines(director);
  try {
    let rest = '';
    for await (const piece of input) {
      const texts = (rest + piece).split('\n');
      rest = texts.pop() ?? '';
      if (rest.length > longestLine) throw new WrongArguments(`a line of more than ${longestLine} characters`);
      for (const text of texts) await lines.carryOut(text);
      await lines.settle();
    }
    await lines.carryOut(rest);
    await lines.settle();
    return lines.status;
  } catch (error) {
    if (!(error instanceof WrongArguments)) throw error;
    await lines.settle();
    if (error.message !== '') director.terminal.complain(error.message);
    return error.status;
  }
}

class Lines {
  readonly #director: Workplace;
  /** Changes that are not sent yet. */
  readonly #waiting: Operation[] = [];
  /** Of the last line that was carried out. */
  status: number = status.done;

  constructor(director: Workplace) {
    this.#director = director;
  }

  /** Throws WrongArguments where no further line is to be carried out. */
  async carryOut(line: string): Promise<void> {
    const words = line.split(/\s+/).filter((word) => word !== '' && word !== 'ipvsadm');
    if (words.length === 0) return;
    const { addresses, ports } = this.#director;
    try {
      const request = parseArguments(words, ports);
      switch (request.do) {
        case 'change': {
          const { operation } = request;
          this.#waiting.push(hasNames(operation) ? await addresses.resolve(operation) : operation);
          return;
        }
        case 'restore':
          throw noCommand();
        default:
          await this.settle();
          this.status = await execute(request, this.#director);
          if (request.do === 'help' || request.do === 'version') throw new WrongArguments('', { status: status.done });
          // ipvsadm ends on the spot where a service that it is to list is not there.
          if (this.status === status.missing) throw new WrongArguments('', { status: status.missing });
      }
    } catch (error) {
      if (!(error instanceof WrongArguments) || error.isFinal) throw error;
      await this.settle();
      this.#director.terminal.complain(error.message);
      this.status = error.status;
    }
  }

  /** Sends what waits, and says what the kernel refused of it. */
  async settle(): Promise<void> {
    const operations = this.#waiting.splice(0);
    if (operations.length === 0) return;
    const failures = await this.#director.client.apply(operations);
    for (const [index, operation] of operations.entries()) {
      const failure = failures[index];
      this.status = failure ? status.refused : status.done;
      if (failure) this.#director.terminal.complain(refusalWords(operation.type, failure));
    }
  }
}

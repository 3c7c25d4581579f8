/** wrr step by step, as the kernel goes: every pass, also those that find nobody (ip_vs_wrr_schedule). */

import { available } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';
import type { TestCandidate } from './candidates.js';

export class WrrModel {
  #list: readonly TestCandidate[] = [];
  #place = -1;
  #wanted = 0;
  #greatest = 0;
  #step = 1;

  update(list: readonly TestCandidate[]): void {
    this.#list = list;
    this.#place = -1;
    const weights = list.map(({ weight }) => weight).filter((weight) => weight > 0);
    this.#step = weights.reduce(divide, 0) || 1;
    this.#greatest = Math.max(0, ...weights) - (this.#step - 1);
    if (this.#wanted > this.#greatest || this.#wanted === 0) this.#wanted = this.#greatest;
    else if (this.#step > 1) this.#wanted = Math.floor(this.#wanted / this.#step) * this.#step + 1;
  }

  choose(): TestCandidate | null {
    if (this.#greatest === 0) return null;
    const last = this.#place;
    let stop = -1;
    let isLastPass = false;
    let hasRestarted = false;
    let place = last;
    for (;;) {
      while (++place < this.#list.length) {
        const one = this.#list[place];
        if (one && available(one) && one.weight >= this.#wanted) {
          this.#place = place;
          return one;
        }
        if (place === stop) {
          this.#place = place;
          return null;
        }
      }
      place = -1;
      this.#wanted -= this.#step;
      if (this.#wanted <= 0) {
        this.#wanted = this.#greatest;
        if (isLastPass || last === -1) {
          this.#place = -1;
          return null;
        }
        hasRestarted = true;
      }
      isLastPass = this.#wanted <= this.#step;
      if (isLastPass && hasRestarted && last !== -1) stop = last;
    }
  }
}

function divide(a: number, b: number): number {
  let [greater, less] = [a, b];
  while (less > 0) [greater, less] = [less, greater % less];
  return greater;
}

/** How a training goes: on a terminal one line that is redrawn, elsewhere a plain line every few seconds; evaluations each on their own. */
import type { TrainEvent } from "../trainer/index.js";
import { printable } from "./exit.js";
import { clock, count, counted } from "./numbers.js";
import { bar } from "./progress.js";

export interface TrainProgress {
  hear(event: TrainEvent): void;
  end(): void;
}

export function createTrainProgress(stream: NodeJS.WriteStream, now: () => number = () => performance.now()): TrainProgress {
  const isTerminal = stream.isTTY === true;
  const every = isTerminal ? 100 : 5000;
  let drawn = Number.NEGATIVE_INFINITY;
  const clear = (): void => {
    if (isTerminal) stream.write("\r\u001b[2K");
  };
  const say = (text: string): void => {
    clear();
    stream.write(`${text}\n`);
  };
  return {
    hear(event) {
      switch (event.type) {
        case "start":
          say(
            `${count(event.parameters)} parameters on ${event.backend}; ${event.step === 0 ? "" : `from step ${count(event.step)}, `}${counted(event.steps, "step")}`,
          );
          return;
        case "warning":
          say(`warning: ${printable(event.message)}`);
          return;
        case "checkpoint":
          return;
        case "evaluation": {
          const { step, of, loss, bits_per_byte } = event.metrics;
          say(
            `step ${count(step)}: held out ${bits_per_byte.toFixed(4)} bits a byte, loss ${loss.toFixed(4)}${of === "average" ? " (average of weights)" : ""}`,
          );
          return;
        }
        case "step": {
          const { step } = event.metrics;
          const time = now();
          if (time - drawn < every && step !== 1 && step !== event.steps) return;
          drawn = time;
          const text = lineOf(event);
          if (isTerminal) stream.write(`\r\u001b[2K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
          else stream.write(`${text}\n`);
        }
      }
    },
    end: clear,
  };
}

function lineOf({ metrics, steps, secondsLeft }: Extract<TrainEvent, { type: "step" }>): string {
  const { step, loss, learning_rate, gradient_norm, tokens_per_second } = metrics;
  return [
    `${bar(step / steps)} ${count(step)}/${count(steps)}`,
    `loss ${loss.toFixed(4)}`,
    `${count(Math.round(tokens_per_second))} tokens/s`,
    `rate ${learning_rate.toExponential(2)}`,
    `norm ${gradient_norm.toPrecision(3)}`,
    ...(step < steps ? [`${clock(secondsLeft)} left`] : []),
  ].join(" · ");
}

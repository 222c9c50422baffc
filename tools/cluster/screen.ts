/** Lines that scroll, and below them a text that is drawn anew where the output is a terminal. */
export interface Screen {
  line(text: string): void;
  /** Replaces the text below the lines. Without a terminal it is not shown. */
  below(text: string): void;
  /** Leaves what is shown, and draws no more below. */
  end(): void;
}

const CLEAR_BELOW = '\u001b[J';
const up = (rows: number): string => (rows === 0 ? '' : `\u001b[${rows}A`);

export function openScreen(output: NodeJS.WriteStream, hasTable: boolean): Screen {
  let isOpen = hasTable;
  let shown = '';
  let rows = 0;
  const draw = (before: string): void => {
    const { columns } = output;
    // A row that wraps would be two, and the next drawing would begin too low.
    const lines = shown === '' ? [] : shown.split('\n').map((line) => line.slice(0, columns - 1));
    output.write(`${up(rows)}\r${CLEAR_BELOW}${before}${lines.map((line) => `${line}\n`).join('')}`);
    rows = lines.length;
  };
  return {
    line(text) {
      if (isOpen) draw(`${text}\n`);
      else output.write(`${text}\n`);
    },
    below(text) {
      if (!isOpen) return;
      shown = text;
      draw('');
    },
    end() {
      if (!isOpen) return;
      shown = '';
      draw('');
      isOpen = false;
    },
  };
}

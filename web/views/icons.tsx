// The icons, drawn with the colour of the text around them. Words beside them say what they mean.

import type { JSX } from "preact";

const paths = {
  bell: "M12 4a5 5 0 0 0-5 5v3.2L5.5 15.5h13L17 12.200V9a5 5 0 0 0-5-5Zm-1.800 14.500a2 2 0 0 0 3.600 0",
  bellOff: "M6 6l12 12M7 9v3.200L5.500 15.500H15M9 5a5 5 0 0 1 8 4v3M10.200 18.500a2 2 0 0 0 3.600 0",
  inbox: "M4 13.500l3-8h10l3 8v5H4v-5Zm0 0h5l1 2.500h4l1-2.500h5",
  wire: "M3 12h4l2.500-7 5 14 2.500-7h4",
  plus: "M12 5v14M5 12h14",
  send: "M5 12l14-7-4.500 14-3-5.500L5 12Zm6.500 1.500L19 5",
  clip: "M19 11.500l-7 7a4.500 4.500 0 0 1-6.400-6.400l7.400-7.400a3 3 0 0 1 4.300 4.300l-7.200 7.200a1.500 1.500 0 0 1-2.200-2.200l6.600-6.600",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  lock: "M7 11V8.500a5 5 0 0 1 10 0V11M6 11h12v8.500H6z",
  file: "M7 3.500h6.500L18 8v12.500H7zM13.500 3.500V8H18",
  down: "M12 5v14M6 13l6 6 6-6",
  out: "M14 5H6v14h8M10 12h10M17 9l3 3-3 3",
  arrowIn: "M17 7L7 17M7 9v8h8",
  arrowOut: "M7 17L17 7M9 7h8v8",
} as const;

export function Icon({ name }: { name: keyof typeof paths }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

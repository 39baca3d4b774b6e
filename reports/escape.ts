// A text in HTML, whatever it holds.

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const text = (value: string | number): string =>
  String(value).replace(/[&<>"']/g, (character) => escapes[character]!);

// Light or dark? As the system says, until the user chooses.

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
const key = "rollcall.theme";

export const theme = (): Theme => themes.find((one) => one === localStorage.getItem(key)) ?? "auto";

export function setTheme(next: Theme): void {
  localStorage.setItem(key, next);
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = theme();
}

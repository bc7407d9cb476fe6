const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in HTML, in attributes too. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => ENTITIES[found]);

/** An element: attributes and text are escaped, `inner` is HTML. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  inner = "",
): string {
  const written = Object.entries(attributes).map(
    ([name, value]) => ` ${name}="${escapeHtml(String(value))}"`,
  );
  return `<${tag}${written.join("")}>${inner}</${tag}>`;
}

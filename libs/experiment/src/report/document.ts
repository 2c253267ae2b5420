import { parseHTML } from 'linkedom';

/** The little of an element that is asked for here; the project is compiled without the types of browsers. */
export interface DrawnElement {
  readonly tagName: string;
  readonly outerHTML: string;
  readonly textContent: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelector(selector: string): DrawnElement | null;
  querySelectorAll(selector: string): Iterable<DrawnElement>;
  remove(): void;
}

/** A document that is no browser's, of this page. */
export const documentOf = (html: string): DrawnElement =>
  (parseHTML(html) as unknown as { readonly document: DrawnElement }).document;

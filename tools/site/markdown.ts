import { linkTarget } from './pages.ts';

/** The parts of markdown-it that are used here. */
interface Token {
  readonly type: string;
  readonly children: Token[] | null;
  content: string;
  hidden: boolean;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}
type Render = (tokens: readonly Token[], index: number, ...others: unknown[]) => string;
interface MarkdownIt {
  readonly renderer: { readonly rules: { code_inline?: Render } };
  readonly core: {
    readonly ruler: {
      push(
        name: string,
        rule: (state: {
          readonly tokens: Token[];
          readonly env: { readonly realPath?: string; readonly path: string };
        }) => void,
      ): void;
    };
  };
}

/**
 * Makes links of the repository links of the site: pages get their address there; files that are no pages are shown as text, because the site has
 * none of them.
 */
export function withSiteLinks(root: string): (markdown: MarkdownIt) => void {
  return (markdown) =>
    markdown.core.ruler.push('site-links', ({ tokens, env }) => {
      const source = (env.realPath ?? env.path).slice(root.length + 1);
      for (const { children } of tokens) if (children !== null) relink(children, source);
    });
}

/** Lets long names in code break after an underscore, a slash, a comma or a dot. What a reader copies stays the same. */
export function withBreakableCode(markdown: MarkdownIt): void {
  const { rules } = markdown.renderer;
  const render = rules.code_inline;
  if (render === undefined) throw new Error('markdown-it renders no code');
  rules.code_inline = (...given) => render(...given).replaceAll(/(?<=\w)[_/,](?=\w)|(?<=[a-z])\.(?=[a-z])/g, '$&<wbr>');
}

function relink(tokens: Token[], source: string): void {
  let isDropped = false;
  const kept = tokens.filter((token) => {
    if (token.type === 'link_close' && isDropped) {
      isDropped = false;
      return false;
    }
    if (token.type !== 'link_open') return true;
    const href = token.attrGet('href') ?? '';
    // A heading of the page itself, also the link that VitePress adds to each heading.
    if (href.startsWith('#')) return true;
    const target = linkTarget(source, href);
    if (target.kind === 'PAGE') token.attrSet('href', target.address);
    isDropped = target.kind === 'FILE';
    return !isDropped;
  });
  tokens.splice(0, tokens.length, ...kept);
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { withBreakableCode, withSiteLinks } from '../markdown.ts';
import { englishSidebar, koreanSidebar } from '../navigation.ts';
import { addressOf, anchorOf, ROOT, SOURCES } from '../pages.ts';

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#3a5ccc" d="M1 3h14v3a2 2 0 0 0 0 4v3H1v-3a2 2 0 0 0 0-4z"/></svg>';

const config = (markdown: Parameters<typeof withBreakableCode>[0]): void => {
  withSiteLinks(ROOT)(markdown);
  withBreakableCode(markdown);
};

const KOREAN_SEARCH = {
  button: { buttonText: '검색', buttonAriaLabel: '검색' },
  modal: {
    displayDetails: '자세히 보기',
    resetButtonTitle: '검색어 지우기',
    backButtonTitle: '닫기',
    noResultsText: '검색 결과가 없습니다:',
    footer: { selectText: '선택', navigateText: '이동', closeText: '닫기' },
  },
};

/** The site of the documents. Its pages are the files of the repository; nothing is copied. */
export default {
  srcDir: ROOT,
  // VitePress looks for pages in all of srcDir.
  srcExclude: readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'docs')
    .map(({ name }) => `${name}/**`),
  outDir: join(ROOT, 'dist-site'),
  cacheDir: join(ROOT, 'node_modules/.cache/vitepress'),
  rewrites: Object.fromEntries(SOURCES.map((source) => [source, addressOf(source)])),
  title: 'Stampede',
  description: 'Promotion platform: first-come coupons with an exact count',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  cleanUrls: true,
  metaChunk: true,
  // Placeholders such as <topic> are text.
  markdown: { html: false, anchor: { slugify: anchorOf }, config },
  vite: { plugins: [vueOfThisPackage()] },
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: { sidebar: englishSidebar, outline: { level: [2, 3] } } },
    ko: {
      label: '한국어',
      lang: 'ko',
      description: '선착순 쿠폰을 정확한 수량만큼 발급하는 프로모션 플랫폼',
      themeConfig: {
        sidebar: koreanSidebar,
        outline: { level: [2, 3], label: '이 페이지의 내용' },
        docFooter: { prev: '이전', next: '다음' },
        darkModeSwitchLabel: '화면 모드',
        lightModeSwitchTitle: '밝은 화면으로 전환',
        darkModeSwitchTitle: '어두운 화면으로 전환',
        sidebarMenuLabel: '메뉴',
        returnToTopLabel: '맨 위로',
        langMenuLabel: '언어 변경',
        skipToContentLabel: '본문으로 건너뛰기',
      },
    },
  },
  themeConfig: {
    // A page without a translation leads to the first page of the other language.
    i18nRouting: false,
    search: { provider: 'local', options: { locales: { ko: { translations: KOREAN_SEARCH } } } },
  },
};

/** Pages import Vue, and lie outside of this package, so that nothing is found from there. */
function vueOfThisPackage() {
  return {
    name: 'vue-of-this-package',
    enforce: 'pre' as const,
    resolveId(this: Resolver, id: string, importer: string | undefined, { ssr }: { readonly ssr?: boolean }) {
      if (!/^vue(\/|$)/.test(id)) return undefined;
      // While pages are rendered Node resolves it, from within this package.
      if (ssr) return { id, external: true };
      return importer?.includes('node_modules')
        ? undefined
        : this.resolve(id, import.meta.filename, { skipSelf: true });
    },
  };
}

interface Resolver {
  resolve(id: string, importer: string, options: { readonly skipSelf: boolean }): unknown;
}

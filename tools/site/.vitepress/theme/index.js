// Without the fonts of the theme: a page takes those of its reader, also for Korean.
import theme from 'vitepress/theme-without-fonts';
import './site.css';

export default theme;

{#-
    Where a visit comes from: Google Analytics 4's default channel group, "manual traffic" and its order of rules
    (https://support.google.com/analytics/answer/9756891). The sites are the well-known ones of the source categories that
    Google publishes there. As at Google, upper and lower case are the same.
-#}

{#-
    The sites of a category. A word is the site under every top-level domain (`google`: google.com, google.co.uk); a name
    with a dot is that domain. Both hold for their hosts, such as m.facebook.com. Portals are the exception: of a word in
    `portals` only those hosts count that search.
-#}
{% macro channel_sites(category) -%}
    {%- set words = {
        'shopping': {'sites': [
            'alibaba', 'aliexpress', 'amazon', 'google shopping', 'googleshopping', 'igshopping', 'ebay', 'etsy',
            'mercadolibre', 'mercadolivre', 'shop.app', 'shopify', 'shopping.google.com', 'shopping.naver.com',
            'shopping.yahoo.com', 'shopping.yahoo.co.jp', 'shopping.net', 'shopzilla', 'simplycodes', 'stripe', 'walmart',
            'amazon-adsystem.com',
        ]},
        'social': {'sites': [
            'academia.edu', 'activerain', 'allrecipes', 'ameba', 'ameblo', 'ancestry', 'answers.yahoo.com', 'artstation',
            'askubuntu', 'badoo', 'bebo', 'bit.ly', 'blackplanet', 'blog.goo.ne.jp', 'blog.naver.com', 'blogger', 'blogspot',
            'bluesky', 'bsky.app', 'buzzfeed', 'buzznet', 'cafe.naver.com', 'cafemom', 'care2', 'caringbridge', 'chegg',
            'classmates', 'couchsurfing', 'crunchyroll', 'cyworld', 'deviantart', 'dianping', 'digg', 'diigo', 'discord',
            'disqus', 'douban', 'draugiem', 'dzone', 'edublogs', 'epicurious', 'exblog', 'facebook', 'fandom', 'fanpop',
            'fark', 'fb', 'fb.me', 'fc2', 'feedspot', 'filmaffinity', 'flickr', 'flipboard', 'fotki', 'fotolog', 'foursquare',
            'gaiaonline', 'geni', 'getpocket', 'glassdoor', 'godtube', 'goo.gl', 'goodreads', 'google+', 'googlegroups',
            'googleplus', 'gree', 'groups.google.com', 'gutefrage', 'habbo', 'hatena', 'hatena.ne.jp', 'hi5', 'hootsuite',
            'houzz', 'hubpages', 'identi.ca', 'ig', 'imageshack', 'imgur', 'imvu', 'instagram', 'instapaper', 'internations',
            'interpals', 'is.gd', 'italki', 'kakao', 'kin.naver.com', 'last.fm', 'librarything', 'line', 'line.me', 'linkedin',
            'livedoor', 'livejournal', 'lnkd.in', 'mastodon', 'mastodon.social', 'medium', 'meetup', 'meneame', 'messages.google.com',
            'messenger', 'mix.com', 'mixi', 'mubi', 'myanimelist', 'myheritage', 'mylife', 'myspace', 'netvibes',
            'news.ycombinator.com', 'newsshowcase', 'nextdoor', 'niconico', 'nicovideo', 'ning', 'odnoklassniki', 'ok.ru',
            'over-blog', 'overblog', 'photobucket', 'pinboard', 'pinterest', 'pixiv', 'plurk', 'plus.google.com',
            'plus.url.google.com', 'pocket.co', 'quora', 'qzone', 'qzone.qq.com', 'ravelry', 'reddit', 'renren', 'researchgate',
            'reverbnation', 'scoop.it', 'scribd', 'secondlife', 'serverfault', 'sites.google.com', 'skype', 'skyrock',
            'slashdot', 'slideshare', 'smartnews', 'snapchat', 'spaces.live.com', 'stackapps', 'stackexchange', 'stackoverflow',
            'superuser', 't.co', 't.me', 'tagged', 'taringa', 'techmeme', 'telegram', 'tencent', 'threads', 'tiktok', 'tinyurl',
            'tripadvisor', 'tuenti', 'tumblr', 'tweetdeck', 'twitter', 'twoo', 'typepad', 'video.ibm.com', 'vk', 'vkontakte',
            'wattpad', 'wechat', 'weebly', 'weibo', 'weread', 'whatsapp', 'wikihow', 'wikitravel', 'woot', 'wordpress', 'x.com',
            'xanga', 'xing', 'yammer', 'yelp', 'zalo',
        ]},
        'video': {'sites': [
            'crackle', 'curiositystream', 'd.tube', 'dailymotion', 'disneyplus', 'hulu', 'iq.com', 'iqiyi', 'justin.tv',
            'netflix', 'ted', 'tudou', 'twitch', 'utreon', 'veoh', 'viadeo.journaldunet.com', 'vimeo', 'wistia', 'youku',
            'youtu.be', 'youtube',
        ]},
        'search': {
            'sites': [
                '360.cn', 'alice', 'aol', 'ask', 'auone', 'avg', 'babylon', 'baidu', 'biglobe', 'bing', 'centrum.cz', 'cnn',
                'com.google.android.googlequicksearchbox', 'comcast', 'conduit', 'daum', 'dogpile', 'duckduckgo', 'ecosia',
                'eniro', 'exalead', 'excite', 'firmy.cz', 'globo', 'go.mail.ru', 'google-play', 'googlemybusiness',
                'incredimail', 'kvasir', 'lycos', 'msn', 'najdi', 'onet', 'qwant', 'rakuten', 'rambler',
                'search-results', 'search.brave.com', 'search.smt.docomo.ne.jp', 'seznam', 'so.com', 'sogou', 'startpage',
                'startsiden', 'terra', 'tut.by', 'ukr', 'search.ukr.net', 'virgilio', 'yandex',
            ],
            'portals': ['google', 'naver', 'yahoo'],
        },
    }[category] -%}
    {%- set domain = '[.](?:com|net|org|info|io|tv|[a-z]{2}|(?:com?|ne)[.][a-z]{2})' -%}
    {%- set alone, dotted = [], [] -%}
    {%- for name in words.sites -%}
        {%- do (dotted if '.' in name else alone).append(name | replace('.', '[.]') | replace('+', '[+]')) -%}
    {%- endfor -%}
    {%- set patterns = [
        '(?:' ~ alone | join('|') ~ ')',
        '(?:[a-z0-9-]+[.])*(?:' ~ alone | join('|') ~ ')' ~ domain,
        '(?:[a-z0-9-]+[.])*(?:' ~ dotted | join('|') ~ ')',
    ] -%}
    {%- if words.portals -%}
        {%- set portals = '(?:' ~ words.portals | join('|') ~ ')' -%}
        {%- do patterns.extend([
            portals,
            '(?:(?:www|m|cse|news|mail|images|[a-z]{2})[.])?' ~ portals ~ domain,
            '(?:[a-z0-9-]+[.])*search[.]' ~ portals ~ domain,
        ]) -%}
    {%- endif -%}
    '^(?:{{ patterns | join('|') }})$'
{%- endmacro %}

{#- A campaign parameter without what only says that there is none; null then. -#}
{% macro known_origin(parameter) -%}
    nullif(
        regexp_replace(
            btrim({{ parameter }}), '^([(](direct|none|not set|not provided|organic|referral)[)]|[$]?direct|null)$', '', 'i'
        ),
        ''
    )
{%- endmacro %}

{#-
    The host of a referrer, in lower case and without www; null where there is none or where it is one's own, as
    `own_domains` in dbt_project.yml says: a visit that goes on, or comes back from a payment page, comes from nowhere else.
-#}
{% macro referrer_host(referrer) -%}
    {%- set host -%}
    regexp_replace(
        substring(lower(btrim({{ referrer }})) from '^(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@]*@)?([a-z0-9_-]+(?:[.][a-z0-9_-]+)+)'),
        '^www[.]',
        ''
    )
    {%- endset -%}
    {%- if var('own_domains') -%}
    nullif({{ host }}, substring({{ host }} from '^(?:.*[.])?(?:{{ var("own_domains") | map("lower") | join("|") | replace(".", "[.]") }})$'))
    {%- else -%}
    {{ host }}
    {%- endif -%}
{%- endmacro %}

{#- Whether no campaign parameter says where a visit came from, so that the referrer has to. -#}
{% macro is_unnamed(source, medium, campaign) -%}
    coalesce({{ known_origin(source) }}, {{ known_origin(medium) }}, {{ known_origin(campaign) }}) is null
{%- endmacro %}

{#-
    The source and the medium of a visit, null where nothing is known. Without any parameter the host of the referrer is
    the source; its medium is `organic` for a search engine, else `referral`.
-#}
{% macro source_of(source, medium, campaign, referrer) -%}
    case
        when {{ is_unnamed(source, medium, campaign) }} then {{ referrer_host(referrer) }}
        else {{ known_origin(source) }}
    end
{%- endmacro %}

{% macro medium_of(source, medium, campaign, referrer) -%}
    case
        when not {{ is_unnamed(source, medium, campaign) }} then {{ known_origin(medium) }}
        when {{ referrer_host(referrer) }} ~ {{ channel_sites('search') }} then 'organic'
        when {{ referrer_host(referrer) }} is not null then 'referral'
    end
{%- endmacro %}

{#-
    The channel of a visit: GA4's default channel group. The arguments are SQL expressions: source, medium and campaign
    as the producer wrote them, and optionally the referrer (a URL or a host), which counts where none of them is given.
    Nothing known is Direct; what no rule knows is Unassigned. Rules are tried in the order of the list.

    A producer that has classified the visit itself is believed: (direct) is Direct whatever the campaign, and a source
    that is (not set) is Unassigned.
-#}
{% macro channel_group(source, medium, campaign, referrer='null::text') -%}
    case
        when {{ referrer_host(referrer) }} is null and lower(btrim({{ medium }})) in ('(none)', '(not set)')
            and lower(btrim({{ source }})) = '(direct)' then 'Direct'
        when {{ referrer_host(referrer) }} is null and lower(btrim({{ source }})) = '(not set)'
            and {{ is_unnamed(source, medium, campaign) }} then 'Unassigned'
        else
            {{ channel_of(
                source_of(source, medium, campaign, referrer),
                medium_of(source, medium, campaign, referrer),
                known_origin(campaign)
            ) }}
    end
{%- endmacro %}

{#- The same of a source and a medium that `source_of` and `medium_of` made. -#}
{% macro channel_of(source, medium, campaign) -%}
    {%- set source, medium, campaign = (
        "coalesce(lower(" ~ source ~ "), '')", "coalesce(lower(" ~ medium ~ "), '')", "coalesce(lower(" ~ campaign ~ "), '')",
    ) -%}
    {%- set site = "regexp_replace(" ~ source ~ ", '^www[.]', '')" -%}
    {%- set is_paid = medium ~ " ~ '^(.*cp.*|ppc|retargeting|paid.*)$'" -%}
    {%- set is_shop = campaign ~ " ~ '^(.*(([^a-df-z]|^)shop|shopping).*)$'" -%}
    {%- set email = "in ('email', 'e-mail', 'e_mail', 'e mail')" -%}
    case
        when {{ source }} = '' and {{ medium }} = '' and {{ campaign }} = '' then 'Direct'
        when {{ campaign }} like '%cross-network%' then 'Cross-network'
        when ({{ site }} ~ {{ channel_sites('shopping') }} or {{ is_shop }}) and {{ is_paid }} then 'Paid Shopping'
        when {{ site }} ~ {{ channel_sites('search') }} and {{ is_paid }} then 'Paid Search'
        when {{ site }} ~ {{ channel_sites('social') }} and {{ is_paid }} then 'Paid Social'
        when {{ site }} ~ {{ channel_sites('video') }} and {{ is_paid }} then 'Paid Video'
        when {{ medium }} in ('display', 'banner', 'expandable', 'interstitial', 'cpm') then 'Display'
        when {{ is_paid }} then 'Paid Other'
        when {{ site }} ~ {{ channel_sites('shopping') }} or {{ is_shop }} then 'Organic Shopping'
        when
            {{ site }} ~ {{ channel_sites('social') }}
            or {{ medium }} in ('social', 'social-network', 'social-media', 'sm', 'social network', 'social media')
            then 'Organic Social'
        when {{ site }} ~ {{ channel_sites('video') }} or {{ medium }} like '%video%' then 'Organic Video'
        when {{ site }} ~ {{ channel_sites('search') }} or {{ medium }} = 'organic' then 'Organic Search'
        when {{ medium }} in ('referral', 'app', 'link') then 'Referral'
        when {{ source }} {{ email }} or {{ medium }} {{ email }} then 'Email'
        when {{ medium }} in ('affiliate', 'affiliates') then 'Affiliates'
        when {{ medium }} = 'audio' then 'Audio'
        when {{ source }} = 'sms' or {{ medium }} = 'sms' then 'SMS'
        when
            {{ medium }} like '%push' or {{ medium }} like '%mobile%' or {{ medium }} like '%notification%'
            or {{ source }} = 'firebase'
            then 'Mobile Push Notifications'
        else 'Unassigned'
    end
{%- endmacro %}

// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IGoverned } from "../../../contracts/interfaces/IGoverned.sol";
import { IJobMarket } from "../../../contracts/interfaces/IJobMarket.sol";
import { ILedger } from "../../../contracts/interfaces/ILedger.sol";
import { IParameterSets } from "../../../contracts/interfaces/IParameterSets.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Level, Parameters } from "../../../contracts/types/Parameters.sol";
import { Bookkeeper } from "./Bookkeeper.sol";
import { Transitions } from "./Transitions.sol";
import { IVm, VM } from "./Vm.sol";

/// @notice Makes every call for the handlers, and sees what comes of it. It notes what breaks an invariant where it
/// happens; the rest is for the invariants, which compare the market's views with the books.
contract Witness is Bookkeeper {
    /// @notice Who governs, as the events say.
    struct Governance {
        address guardian;
        address feeRecipient;
        bool isPaused;
        uint256 sets;
    }

    IERC20 public immutable token;
    uint256 public immutable unit;
    address private immutable _timelock;

    /// @notice Base units that the market was given.
    uint256 public gifts;
    /// @notice The pair's wealth at the start.
    uint256 public capital;
    uint256 public calls;
    /// @notice How often jobs went from one status to another.
    mapping(JobStatus from => mapping(JobStatus to => uint256)) public taken;
    /// @notice What each set of rules must be.
    mapping(uint256 id => bytes32) public ruleHashes;
    Governance private _governance;
    address[] private _everyone;
    address[] private _pair;

    constructor(
        IJobMarket market_,
        address[] memory everyone,
        address[] memory pair,
        address game,
        address accomplice
    ) Bookkeeper(market_, pair, game, accomplice) {
        token = market_.token();
        unit = market_.unit();
        _timelock = market_.timelock();
        _everyone = everyone;
        _pair = pair;
        ruleHashes[0] = rulesHash(0);
        _governance = Governance(market_.guardian(), market_.feeRecipient(), false, 1);
    }

    // What handlers do

    /// @notice Makes a call, and sees what came of it.
    function act(address from, address target, bytes calldata data) external returns (bool succeeded, bytes memory) {
        bytes32 before = moneyHash();
        VM.recordLogs();
        VM.prank(from);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = target.call(data);
        address caller = target == address(market) ? from : target;
        ++calls;
        // what is undone is recorded all the same
        if (success) _observe(caller, VM.getRecordedLogs());
        else _expect(moneyHash() == before, "I1", "a refused call moved money");
        return (success, answer);
    }

    /// @notice The market was given tokens, by one who had them.
    function give(address from, uint256 amount) external {
        gifts += amount;
        VM.prank(from);
        token.transfer(address(market), amount);
    }

    /// @notice Time has passed.
    function tick() external {
        for (uint256 i = 0; i < _live.length; ++i) _look(_live[i], true);
    }

    /// @notice Everybody has what they start with.
    function begin() external {
        capital = wealthOfPair();
    }

    // Views

    function purseOf(address account) external view returns (Purse memory) {
        return _purses[account];
    }

    function recordOf(bytes32 jobId) external view returns (Record memory) {
        return _records[jobId];
    }

    /// @notice Where a job stood when it was last seen, and whose it is.
    function standingOf(bytes32 jobId) external view returns (JobStatus, address requester, address provider) {
        Record storage r = _records[jobId];
        return (r.status, r.requester, r.provider);
    }

    function totals() external view returns (Totals memory) {
        return _totals;
    }

    function governance() external view returns (Governance memory) {
        return _governance;
    }

    function allJobs() external view returns (bytes32[] memory) {
        return _all;
    }

    function liveJobs() external view returns (bytes32[] memory) {
        return _live;
    }

    /// @notice Everything that the pair has, in the market and outside.
    function wealthOfPair() public view returns (uint256 sum) {
        for (uint256 i = 0; i < _pair.length; ++i) {
            (uint256 balance, uint256 stake, , ) = market.accountOf(_pair[i]);
            sum += balance + stake + token.balanceOf(_pair[i]) / unit;
        }
        for (uint256 i = 0; i < _live.length; ++i) {
            Record storage r = _records[_live[i]];
            if (isPair[r.requester]) sum += r.price;
        }
    }

    /// @notice What everybody has in the market, and the reserve.
    function moneyHash() public view returns (bytes32 hash) {
        hash = bytes32(market.reserve());
        for (uint256 i = 0; i < _everyone.length; ++i) {
            (uint256 balance, uint256 stake, uint256 locked, uint256 active) = market.accountOf(_everyone[i]);
            hash = keccak256(abi.encode(hash, balance, stake, locked, active));
        }
    }

    function rulesHash(uint256 id) public view returns (bytes32) {
        Level[16] memory levels;
        for (uint256 i = 0; i < 16; ++i) (levels[i].hook, levels[i].isMediated) = market.levelOf(id, i);
        return keccak256(abi.encode(market.parametersOf(id), levels));
    }

    /// @notice What never changes of a job after it was posted.
    function termsHash(IJobMarket.JobView memory v) public pure returns (bytes32) {
        bytes memory times = abi.encode(v.postedAt, v.claimBy, v.ramp, v.run, v.window);
        bytes memory needs = abi.encode(v.minBps, v.minReputation, v.floor, v.tasks, v.isPrivate);
        bytes memory rules = abi.encode(v.level, v.parametersId, v.feeBps, v.meteredBps, v.stepBudget);
        return keccak256(abi.encode(v.requester, v.maxPrice, times, needs, rules));
    }

    /// @notice What never changes of a job after it was claimed.
    function claimHash(IJobMarket.JobView memory v) public pure returns (bytes32) {
        return keccak256(abi.encode(v.provider, v.price, v.isSigned));
    }

    /// @notice What never changes of a job after its result stands.
    function resultHash(IJobMarket.JobView memory v) public pure returns (bytes32) {
        return keccak256(abi.encode(v.resultCommitment, v.steps, v.submittedAt));
    }

    // Watching

    function _observe(address caller, IVm.Log[] memory logs) private {
        delete _touched;
        uint256 told;
        uint256 money;
        bool isRule;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(market)) continue;
            ++told;
            if (_govern(caller, logs[i])) isRule = true;
            else ++money;
            _replay(caller, logs[i]);
        }
        _expect(!isRule || money == 0, "G2", "a call that governs did something else besides");
        for (uint256 i = 0; i < _touched.length; ++i) {
            _look(_touched[i], false);
            address provider = _records[_touched[i]].provider;
            if (provider != address(0)) _rate(provider);
        }
        // An attestation speaks to nobody but its hook, and yet ends a window.
        if (told == 0) {
            for (uint256 i = 0; i < _live.length; ++i) {
                if (_records[_live[i]].status == JobStatus.Submitted) _look(_live[i], false);
            }
        }
    }

    function _rate(address provider) private {
        (, , , uint256 reputation, , , ) = market.providerOf(provider);
        _expect(reputation <= _purses[provider].reputation, "R1", "a reputation rose by more than fees");
        _purses[provider].reputation = reputation;
    }

    /// @dev Looks at a job: after a call that named it, or after time has passed.
    function _look(bytes32 jobId, bool byTime) private {
        Record storage r = _records[jobId];
        IJobMarket.JobView memory v = market.getJob(jobId);
        JobStatus from = r.status;
        if (from != v.status) {
            ++taken[from][v.status];
            _expect(Transitions.isLegal(from, v.status, byTime), "S1", "an illegal transition");
            if (from == JobStatus.Settleable && v.status == JobStatus.Disputed) {
                _expect(block.timestamp <= v.submittedAt + v.window, "S1", "a window that was over opened again");
            }
            r.status = v.status;
        }
        bool isFinal = Transitions.isFinal(v.status);
        if (r.terms == 0) r.terms = termsHash(v);
        if (r.claim == 0 && v.provider != address(0)) r.claim = claimHash(v);
        if (r.result == 0 && v.resultCommitment != 0) r.result = resultHash(v);
        if (isFinal && r.whole == 0) {
            r.whole = keccak256(abi.encode(v));
            _expect(r.ends == 1, "S4", "a job became final without an end");
            _bury(r);
        }
    }

    /// @dev Takes a job off the list of live ones.
    function _bury(Record storage r) private {
        bytes32 last = _live[_live.length - 1];
        _live[r.place - 1] = last;
        _records[last].place = r.place;
        _live.pop();
        r.place = 0;
    }

    /// @dev Whether the event tells of the rules or of who governs, and if so, whether its caller may change them.
    function _govern(address caller, IVm.Log memory log) private returns (bool) {
        bytes32 name = log.topics[0];
        if (name == IParameterSets.PostingPaused.selector || name == IParameterSets.PostingResumed.selector) {
            bool mayStop = caller == _governance.guardian || caller == _timelock;
            _governance.isPaused = name == IParameterSets.PostingPaused.selector;
            _expect(mayStop, "G1", "posting was paused or resumed by a stranger");
            return true;
        }
        if (name == IParameterSets.ParametersAdded.selector) {
            (Parameters memory p, Level[] memory given) = abi.decode(log.data, (Parameters, Level[]));
            Level[16] memory levels;
            for (uint256 i = 0; i < given.length; ++i) levels[i] = given[i];
            uint256 id = _governance.sets;
            _governance.sets = id + 1;
            _expect(uint256(log.topics[1]) == id, "S6", "a set has the number of another");
            ruleHashes[id] = keccak256(abi.encode(p, levels));
        } else if (name == IGoverned.GuardianChanged.selector) {
            _governance.guardian = _account(log.topics[1]);
        } else if (name == ILedger.FeeRecipientChanged.selector) {
            _feeRecipient = _account(log.topics[1]);
            _governance.feeRecipient = _feeRecipient;
        } else return false;
        _expect(caller == _timelock, "G1", "a stranger governs");
        return true;
    }
}
